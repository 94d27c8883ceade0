import {
  type Collection,
  type Documents,
  DocumentsUnavailableError,
  openDocuments,
} from '@rookery/document-store';
import { type EventStore, openEventStore } from '@rookery/event-store';
import { canonical, createBackfill, createRanges, findTargets } from '@rookery/projector';
import { collectionsOf } from '@rookery/read-models';
import { projectionNames } from '@rookery/read-models/reducers';
import { createLog } from '@rookery/runtime';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createHistory } from '../support/events/history.ts';
import { type FreshDatabase, freshDatabase } from '../support/index.ts';

const log = createLog('test', 'silent');
const { signal } = new AbortController();
const events = 1_500;

let database: FreshDatabase;
let eventStore: EventStore;
let documents: Documents;
beforeAll(async () => {
  database = await freshDatabase();
  eventStore = openEventStore(database.url, { log });
  documents = await openDocuments(database.url, { log });
  await Promise.all([eventStore.prepare(), documents.prepare()]);
  const writer = await eventStore.acquireWriter(signal);
  const history = createHistory();
  for (let i = 0; i < events; i += 250) await writer.append(history.next(250));
  await writer.release();
});
afterAll(async () => {
  await Promise.all([eventStore.close(), documents.close()]);
  await database.drop();
});

const backfillInto = async (generation: number, maxDeferred?: number) => {
  const targets = await findTargets({ documents, eventStore, projections: projectionNames }, generation);
  const more = maxDeferred === undefined ? {} : { maxDeferred };
  return createBackfill({ eventStore, targets, signal, ...more });
};
const ranges = (upTo = 0, beyond: readonly number[] = []) => createRanges(100, events, { upTo, beyond });

/** Everything in a generation, document by document. */
const contents = async (generation: number): Promise<Map<string, string>> => {
  const all = new Map<string, string>();
  const side = documents.at(() => generation);
  for (const name of [...projectionNames.flatMap(collectionsOf), 'counts']) {
    for await (const found of side.collection(name).scan(1_000)) {
      for (const { id, doc } of found) all.set(`${name}/${id}`, canonical(doc));
    }
  }
  return all;
};

it('in bulk produces the same documents as by key, for any deferred events, and even if it was killed half way', async () => {
  // By key, as for a generation that is not empty.
  const slow = await backfillInto(1);
  await slow.load(ranges(), { deferred: [] }, async () => {});
  await slow.count();
  const wanted = await contents(1);
  expect(wanted.size).toBeGreaterThan(events);

  // Put off and applied all at the end, and again and again.
  for (const [generation, most] of [
    [2, undefined],
    [3, 7],
  ] as const) {
    const quick = await backfillInto(generation, most);
    let deferred = 0;
    await quick.load(ranges(), undefined, async () => {
      deferred = Math.max(deferred, quick.deferred.length);
    });
    expect(deferred).toBeGreaterThan(7);
    expect(quick.deferred).toEqual([]);
    await quick.count();
    expect(await contents(generation)).toEqual(wanted);
  }

  // Saved state of a killed process: finished ranges, and their deferred events.
  const killed = await backfillInto(4);
  let left = { upTo: 0, beyond: [] as readonly number[], deferred: [] as readonly number[] };
  const half = ranges();
  await expect(
    killed.load(half, undefined, async () => {
      if (half.upTo < events / 2) {
        left = { upTo: half.upTo, beyond: half.beyond, deferred: killed.deferred };
      } else throw new TypeError('killed');
    }),
  ).rejects.toThrow('killed');
  expect(left.deferred.length).toBeGreaterThan(0);
  const next = await backfillInto(4);
  await next.load(ranges(left.upTo, left.beyond), left, async () => {});
  await next.count();
  expect(await contents(4)).toEqual(wanted);
}, 600_000);

it('goes on by halves with documents that answer only so many in time', async () => {
  const targets = await findTargets({ documents, eventStore, projections: ['reactions'] }, 5);
  const most = 40;
  const given: number[] = [];
  const slow = (side: Documents): Documents => ({
    ...side,
    collection: <T>(name: string): Collection<T> => {
      const collection = side.collection<T>(name);
      const inTime = (writes: readonly unknown[]) => {
        given.push(writes.length);
        if (writes.length > most) throw new DocumentsUnavailableError('no answer in time');
      };
      return {
        ...collection,
        async putMany(writes) {
          inTime(writes);
          return collection.putMany(writes);
        },
        async insertMany(docs) {
          inTime(docs);
          return collection.insertMany(docs);
        },
      };
    },
  });
  const backfill = createBackfill({
    eventStore,
    targets: targets.map((one) => ({
      ...one,
      beside: { ...one.beside, documents: slow(one.beside.documents) },
    })),
    signal,
  });
  // Half by key, as for a generation that is not empty, and half as events that were recorded meanwhile.
  const half = createRanges(750, events / 2, { upTo: 0, beyond: [] });
  await backfill.load(half, { deferred: [] }, async () => {});
  await backfill.count();
  let at = events / 2;
  while (at < events) at = await backfill.follow(at, events);
  expect(Math.max(...given)).toBeGreaterThan(most);
  // The same by documents that are quick.
  const quick = await backfillInto(6);
  await quick.load(ranges(), { deferred: [] }, async () => {});
  const [slowly, quickly] = [5, 6].map((generation) =>
    documents
      .at(() => generation)
      .collection('likes')
      .count({ active: true }),
  );
  expect(await slowly).toBe(await quickly);
  expect(await slowly).toBeGreaterThan(0);
  expect(backfill.failed.size).toBe(0);
}, 60_000);
