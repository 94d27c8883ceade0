import { expect, test } from 'vitest';
import { oversized } from '../../../tests/support/clients/hostile-documents.ts';
import { admit } from './admission.ts';
import { defaultLimits } from './limits.ts';

/** The processor's time that a refusal takes, in milliseconds: what else runs on the machine is not in it. */
const refusal = (query: string): number => {
  const before = process.threadCpuUsage();
  let refused: unknown;
  try {
    admit(query, defaultLimits);
  } catch (error) {
    refused = error;
  }
  const { user, system } = process.threadCpuUsage(before);
  if (refused === undefined) return Number.NaN;
  expect((refused as { code: string }).code).toBe('GRAPHQL_VALIDATION_FAILED');
  return (user + system) / 1_000;
};

/** Documents that only validation, or its cost limit, can refuse. */
const later = ['pages of pages'];

test.each(oversized.filter(([what]) => !later.includes(what)))(
  'row 8 %s is refused in less than 100 ms',
  (_what, query) => {
    // The quickest of three: the first may meet code that is not compiled yet.
    expect(Math.min(refusal(query), refusal(query), refusal(query))).toBeLessThan(100);
  },
);
