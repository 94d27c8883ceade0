import { DocumentsUnavailableError, openDocuments, StatementTimeoutError } from '@rookery/document-store';
import { openFeeds } from '@rookery/feeds';
import { type Apply, createApply, createFanOut } from '@rookery/projector';
import { countId } from '@rookery/read-models';
import { type Projection, projections } from '@rookery/read-models/reducers';
import { createLog, newId } from '@rookery/runtime';
import type { RecordedEvent } from '@rookery/schema/events';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { history, record, users } from '../support/events/recorded-events.ts';
import { freshDatabase, freshMongoUrl, freshRedis } from '../support/index.ts';
import { model } from '../support/model/social.ts';
import { casesOfTier, propertyRuns } from '../support/property-runs.ts';
import { expectDocuments, expectFeeds, fillFeed } from '../support/systems/observe.ts';

const log = createLog('test', 'silent');
const runs = propertyRuns(9);

/** Everything that was delivered, in an order of its own, cut into batches for three workers. */
const deliveries = history.chain((events) =>
  fc.record({
    events: fc.constant(events),
    delivered: fc.tuple(fc.constant(events), fc.array(fc.nat(), { maxLength: 15 })).chain(([all, again]) => {
      const doubles = again.flatMap((i) => all[i % Math.max(1, all.length)] ?? []);
      const together = [...all, ...doubles];
      return fc.shuffledSubarray(together, { minLength: together.length });
    }),
    batch: fc.integer({ min: 1, max: 9 }),
  }),
);

const batches = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));

const tries = 8;

/** Applies a batch again after a store was too slow, as a projector does. Other errors are thrown. */
const applyPatiently = async (apply: Apply, batch: readonly RecordedEvent[]): Promise<void> => {
  for (let failures = 0; ; ) {
    try {
      await apply(batch);
      return;
    } catch (error) {
      const isSlow = error instanceof StatementTimeoutError || error instanceof DocumentsUnavailableError;
      failures += 1;
      if (!isSlow || failures === tries) throw error;
    }
  }
};

/** Works through its share, one batch after the other, as one process does. */
const work = async (apply: Apply, share: readonly RecordedEvent[][]) => {
  for (const batch of share) await applyPatiently(apply, batch);
};

it.each(casesOfTier(['postgres', 'mongodb'] as const, (engine) => engine === 'postgres'))(
  'three workers, duplicates and any order end in what the model says: %s',
  async (engine) => {
    await using database = engine === 'postgres' ? await freshDatabase() : undefined;
    const url = database?.url ?? freshMongoUrl();
    // If there is no MongoDB, the run reports this once at its end.
    if (url === undefined) return;
    await using redis = await freshRedis();
    const feeds = openFeeds(redis.url, { cap: 1_000, idleDays: 1, log });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(deliveries, async ({ events, delivered, batch }) => {
        run += 1;
        const documents = await openDocuments(url, { namespace: `run${run}`, log });
        try {
          await documents.prepare();
          // Readers of this run are told apart from those of the others by an epoch of their own.
          await documents
            .collection('progress')
            .putMany([{ id: 'feeds', revision: 0, doc: { position: 0, at: '', epoch: run } }]);
          for (const reader of users) await fillFeed(documents, feeds, reader);
          const options = { documents, feeds, cap: 1_000, limit: 1_000, log };
          const workers = projections.flatMap((projection) =>
            [0, 1, 2].map((w) =>
              work(
                createApply(projection, { documents, fanOut: createFanOut(options) }),
                batches(delivered, batch).filter((_, i) => i % 3 === w),
              ),
            ),
          );
          await Promise.all(workers);
          const expected = model(events);
          await expectDocuments(
            documents,
            expected,
            events.map(({ event }) => event.id),
          );
          await expectFeeds(documents, feeds, expected, users);
        } finally {
          await documents.close();
        }
      }),
      { numRuns: runs, endOnFailure: true },
    );
    expect(run).toBeGreaterThanOrEqual(runs);
    await feeds.close();
  },
);

it('writes what an event creates without reading it, and reads it if it is there already', async () => {
  await using database = await freshDatabase();
  const documents = await openDocuments(database.url, { log });
  try {
    await documents.prepare();
    const id = newId();
    const [actor = ''] = users;
    const published = record(
      [{ name: 'rookery.post.published', actor, subject: id, id, at: 1, data: { body: 'caw' } }],
      1,
    );
    const posts = projections.find(({ name }) => name === 'posts') as Projection;
    const apply = createApply(posts, { documents });
    const calls = [];
    const found = [];
    for (let time = 0; time < 2; time++) {
      const before = documents.calls;
      await apply(published);
      calls.push(documents.calls - before);
      const counts = await documents.collection('counts').getMany([countId('posts', actor)]);
      found.push([...(await documents.collection('posts').getMany([id])).values(), ...counts.values()]);
    }
    expect(calls).toEqual([1, 2]);
    expect(found[1]).toEqual(found[0]);
    expect(found[0]).toMatchObject([{ doc: { body: 'caw' } }, { doc: { n: 1 } }]);
  } finally {
    await documents.close();
  }
});
