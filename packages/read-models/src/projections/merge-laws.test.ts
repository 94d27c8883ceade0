import type { RecordedEvent } from '@rookery/schema/events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { history } from '../../../../tests/support/events/recorded-events.ts';
import { projections } from '../reducers.ts';
import { byDocument, type Documented, fold, project } from './fold.ts';

const shuffled = (events: readonly RecordedEvent[]) => {
  const all = [...events];
  return fc.shuffledSubarray(all, { minLength: all.length });
};

/** Events in any order, some of them duplicated. */
const redelivered = history.chain((events) =>
  fc
    .tuple(fc.constant(events), fc.array(fc.nat(Math.max(0, events.length - 1)), { maxLength: 20 }))
    .chain(([, again]) => {
      const doubles = again.flatMap((i) => events[i] ?? []);
      return fc.tuple(fc.constant(events), shuffled([...events, ...doubles]));
    }),
);

/** Positions at which a sequence is split into batches. */
const cuts = fc.array(fc.nat(60), { maxLength: 6 }).map((at) => at.toSorted((a, b) => a - b));

const batches = <T>(all: readonly T[], at: readonly number[]): T[][] =>
  [0, ...at].map((from, i) => all.slice(from, at[i] ?? all.length));

const plain = (documented: Documented) =>
  [...documented].map(([collection, docs]) => [collection, Object.fromEntries([...docs].toSorted())]);

describe.each(projections.map((projection) => [projection.name, projection] as const))(
  '%s',
  (_, projection) => {
    it('produces the same documents from the same events in any order, with any duplicates', () => {
      fc.assert(
        fc.property(redelivered, ([events, delivered]) => {
          expect(plain(project(projection, delivered))).toEqual(plain(project(projection, events)));
        }),
      );
    });

    it('produces the same documents for any split into batches', () => {
      fc.assert(
        fc.property(history, cuts, (events, at) => {
          const inBatches = batches(events, at).reduce<Documented>(
            (docs, batch) => project(projection, batch, docs),
            new Map(),
          );
          expect(plain(inBatches)).toEqual(plain(project(projection, events)));
        }),
      );
    });

    it('produces the same documents with several workers that write by compare-and-set', () => {
      fc.assert(
        fc.property(redelivered, cuts, fc.infiniteStream(fc.nat(2)), ([events, delivered], at, turns) => {
          expect(plain(race(delivered, at, turns))).toEqual(plain(project(projection, events)));
        }),
      );
    });

    it('returns the given document if an event changes nothing', () => {
      fc.assert(
        fc.property(history, (events) => {
          for (const merge of projection.merges) {
            for (const [id, group] of byDocument(merge, events)) {
              const docs = fold(merge.merge, undefined, group, id);
              expect(fold(merge.merge, docs, group, id)).toBe(docs);
            }
          }
        }),
      );
    });

    it('lets a document name the same sets for good, so that there are the same counts after any split into batches', () => {
      const setsOf = (merge: (typeof projection.merges)[number], doc: unknown) =>
        merge.counts.flatMap(({ kind, field }) => {
          const value = (doc as Readonly<Record<string, unknown>> | undefined)?.[field];
          return typeof value === 'string' ? [`${kind}:${value}`] : [];
        });
      fc.assert(
        fc.property(history, (events) => {
          for (const merge of projection.merges)
            for (const [id, group] of byDocument(merge, events)) {
              let doc: unknown;
              for (const event of group) {
                const before = setsOf(merge, doc);
                doc = fold(merge.merge, doc, [event], id);
                expect(setsOf(merge, doc)).toEqual(expect.arrayContaining(before));
              }
            }
        }),
      );
    });

    /**
     * Runs three workers, each with its own batches, in an arbitrary interleaving of reads and writes. A
     * worker that loses a write reads again.
     */
    const race = (delivered: readonly RecordedEvent[], at: readonly number[], turns: Iterator<number>) => {
      const store = new Map(
        projection.merges.map(({ collection }) => [collection, new Map<string, unknown>()]),
      );
      const workers = Array.from({ length: 3 }, (_, w) =>
        worker(
          store,
          batches(delivered, at).filter((_, i) => i % 3 === w),
        ),
      );
      const running = new Set(workers);
      while (running.size > 0) {
        const turn = workers[turns.next().value % 3];
        const next = turn && running.has(turn) ? turn : [...running][0];
        if (next?.next().done) running.delete(next);
      }
      return store;
    };

    /** Yields between each read and the write that follows it. */
    const worker = function* (store: Map<string, Map<string, unknown>>, share: RecordedEvent[][]) {
      for (const batch of share) {
        for (const merge of projection.merges) {
          const docs = store.get(merge.collection) ?? new Map<string, unknown>();
          for (const [id, group] of byDocument(merge, batch)) {
            for (;;) {
              const read = docs.get(id);
              yield;
              if (docs.get(id) !== read) continue;
              docs.set(id, fold(merge.merge, read, group, id));
              break;
            }
          }
        }
      }
    };
  },
);
