import type { RecordedEvent } from '@rookery/schema/events';
import fc from 'fast-check';
import { expect } from 'vitest';
import { history, posts, users, words } from '../events/recorded-events.ts';
import { tellingHistories } from '../events/telling-histories.ts';
import type { Asked } from './list-views.ts';
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
    asked: Asked,
  ): Promise<Readonly<Record<string, unknown>>>;
  countIn(documents: Documents, kind: string, id: string): number;
}

const asked: Asked = { users, posts, words };

/** @param projections the documents of the same events, in several ways */
const expectModel = async <Documents>(
  product: Product<Documents>,
  projections: readonly Documents[],
  facts: Model,
): Promise<void> => {
  const all = projections.map((projected) => product.withCounts(projected));
  for (const [kind, sizeOf] of Object.entries(facts.sizes))
    for (const id of [...users, ...posts])
      for (const documents of all)
        expect([kind, id, product.countIn(documents, kind, id)]).toEqual([kind, id, sizeOf(id)]);
  for (const viewer of [...users, null]) {
    const right = seenInModel(facts, viewer, asked);
    for (const documents of all) expect(await product.seenBy(documents, viewer, asked)).toEqual(right);
  }
};

/**
 * Asserts for random histories, in which people block, mute, protect and delete at any time, that feeds, threads, lists, notifications and
 * counts are as in the independent model: in the middle, at the end, and after a rebuild.
 */
export const checkHistories = <Documents>(product: Product<Documents>, numRuns: number): Promise<void> =>
  fc.assert(
    fc.asyncProperty(history, fc.nat(40), async (events, cut) => {
      const begun = product.apply(events.slice(0, cut));
      await expectModel(product, [begun], model(events.slice(0, cut)));
      const ways = [product.apply(events.slice(cut), begun), product.apply(events.toReversed())];
      await expectModel(product, ways, model(events));
    }),
    { numRuns, examples: tellingHistories.map((events) => [events, events.length - 1]) },
  );
