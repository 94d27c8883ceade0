import type { RecordedEvent } from '@rookery/schema/events';
import fc from 'fast-check';
import { expect } from 'vitest';
import { history, posts, users } from '../events/recorded-events.ts';
import { type Model, model } from './social.ts';
import { seenInModel } from './views.ts';

/** The product's way from events to the views of people. */
interface Product<Documents> {
  /** @param before documents of earlier events */
  apply(events: readonly RecordedEvent[], before?: Documents): Documents;
  /** Returns the documents with their counts. */
  withCounts(documents: Documents): Documents;
  seenBy(
    documents: Documents,
    viewer: string | null,
    ids: { readonly users: readonly string[]; readonly posts: readonly string[] },
  ): Promise<Readonly<Record<string, unknown>>>;
  countIn(documents: Documents, kind: string, id: string): number;
}

const ids = { users, posts };

const expectModel = async <Documents>(
  product: Product<Documents>,
  projected: Documents,
  facts: Model,
): Promise<void> => {
  const documents = product.withCounts(projected);
  for (const [kind, sizeOf] of Object.entries(facts.sizes))
    for (const id of [...users, ...posts])
      expect([kind, id, product.countIn(documents, kind, id)]).toEqual([kind, id, sizeOf(id)]);
  for (const viewer of [...users, null])
    expect(await product.seenBy(documents, viewer, ids)).toEqual(seenInModel(facts, viewer, ids));
};

/**
 * Asserts for random histories, in which people block, mute, protect and delete at any time, that feeds, threads, notifications and counts
 * are as in the independent model: in the middle, at the end, and after a rebuild.
 */
export const checkHistories = <Documents>(product: Product<Documents>, numRuns: number): Promise<void> =>
  fc.assert(
    fc.asyncProperty(history, fc.nat(40), async (events, cut) => {
      const begun = product.apply(events.slice(0, cut));
      await expectModel(product, begun, model(events.slice(0, cut)));
      const facts = model(events);
      await expectModel(product, product.apply(events.slice(cut), begun), facts);
      await expectModel(product, product.apply(events.toReversed()), facts);
    }),
    { numRuns },
  );
