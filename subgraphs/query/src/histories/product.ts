import { applied, type Documents, readerOf, withCounts } from './documents.ts';
import { countIn, seenBy } from './seen.ts';

/** The product's way from events to the views of people, in memory. */
export const inMemory = {
  apply: applied,
  withCounts,
  countIn,
  seenBy: (documents: Documents, ...asked: [viewer: string | null, ids: Parameters<typeof seenBy>[2]]) =>
    seenBy(readerOf(documents), ...asked),
};
