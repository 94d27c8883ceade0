import { DocumentsUnavailableError, StatementTimeoutError } from '@rookery/document-store';
import { expect } from 'vitest';
import { eventually } from '../eventually.ts';
import type { Answer } from './query-world.ts';

/** A read was not answered because a store was too slow, which on a busy machine says nothing about the read. */
class StoresTooSlowError extends Error {
  override readonly name = 'StoresTooSlowError';
}

const causedByLoad = [StoresTooSlowError, DocumentsUnavailableError, StatementTimeoutError];

/**
 * Returns the data of an answer without errors.
 * @throws StoresTooSlowError if a store did not answer in time, and AssertionError after any other error
 */
export const dataOf = <D>({ data, errors }: Answer<D>): D => {
  if (errors?.some(({ extensions }) => extensions.code === 'SERVICE_UNAVAILABLE'))
    throw new StoresTooSlowError(JSON.stringify(errors));
  expect(errors).toBeUndefined();
  return data;
};

/** Repeats a read, or a write that may be repeated, until the stores answer in time. Any other error is thrown at once. */
export const untilInTime = async <T>(act: () => Promise<T>): Promise<T> => {
  const outcome = await eventually(
    () =>
      act().then(
        (result) => ({ result }),
        (error: unknown) => {
          if (causedByLoad.some((kind) => error instanceof kind)) throw error;
          return { error };
        },
      ),
    { within: 600_000, what: 'an answer of the stores' },
  );
  if ('error' in outcome) throw outcome.error;
  return outcome.result;
};
