import fc from 'fast-check';
import { expect } from 'vitest';
import { history } from '../../../../tests/support/events/recorded-events.ts';
import { model } from '../../../../tests/support/model/social.ts';
import { differences } from './compare.ts';
import { applied } from './documents.ts';

/**
 * Asserts for random histories, in which people block, mute, protect and delete at any time, that feeds, threads, notifications and counts
 * are what the independent model says: in the middle, at the end, and after a rebuild.
 */
export const checkHistories = (numRuns: number): Promise<void> =>
  fc.assert(
    fc.asyncProperty(history, fc.nat(40), async (events, cut) => {
      const begun = applied(events.slice(0, cut));
      expect(await differences(begun, model(events.slice(0, cut)))).toEqual([]);
      const facts = model(events);
      expect(await differences(applied(events.slice(cut), begun), facts)).toEqual([]);
      expect(await differences(applied(events.toReversed()), facts)).toEqual([]);
    }),
    { numRuns },
  );
