import { setTimeout } from 'node:timers/promises';
import { type Documents, openDocuments } from '@rookery/document-store';
import { createApply } from '@rookery/projector';
import { type CountDoc, countId } from '@rookery/read-models';
import { type Projection, projections } from '@rookery/read-models/reducers';
import { createLog, newId } from '@rookery/runtime';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { likeMany } from '../support/bulk-likes.ts';
import { posts, record } from '../support/events/recorded-events.ts';
import { type FreshDatabase, freshDatabase } from '../support/index.ts';

/** A post with 5,000,000 likes: one more costs what it costs on a new post, and a flood of them slows no other post's. */

const log = createLog('test', 'silent');
const reactions = projections.find(({ name }) => name === 'reactions') as Projection;
const [hot] = posts as [string];
const likes = 5_000_000;

let database: FreshDatabase;
let documents: Documents;
let position = likes;
beforeAll(async () => {
  database = await freshDatabase();
  documents = await openDocuments(database.url, { log });
  await likeMany(documents, database.url, hot, likes);
}, 900_000);
afterAll(async () => {
  await documents?.close();
  await database?.drop();
});

const liked = (subject: string) => {
  position += 1;
  return record([{ name: 'rookery.post.liked', actor: newId(), subject, at: position, data: {} }], position);
};
const countOf = async (post: string): Promise<number | undefined> => {
  const id = countId('likes', post);
  return (await documents.collection<CountDoc>('counts').getMany([id])).get(id)?.doc.n;
};
const median = (all: readonly number[]): number =>
  all.toSorted((a, b) => a - b)[all.length >> 1] ?? Number.NaN;

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now();
  await work();
  return performance.now() - start;
};

it('one more like takes at most 1.3 times as long as on a new post', async () => {
  const apply = createApply(reactions, { documents });
  const before = (await countOf(hot)) ?? 0;
  const times = { hot: [] as number[], fresh: [] as number[] };
  for (let i = 0; i < 300; i++) {
    // In turn, so that both see the same load of the machine.
    times.hot.push(await timed(() => apply(liked(hot))));
    times.fresh.push(await timed(() => apply(liked(newId()))));
  }
  const ratio = median(times.hot) / median(times.fresh);
  console.log(
    `like of a post with ${likes} likes: ${median(times.hot).toFixed(2)} ms, of a new post: ${median(times.fresh).toFixed(2)} ms, ratio ${ratio.toFixed(2)}`,
  );
  expect(await countOf(hot)).toBe(before + 300);
  expect(ratio).toBeLessThanOrEqual(1.3);
}, 120_000);

it('1,000 likes a second of one post slow the likes of others no more than as many likes of many posts', async () => {
  const flooding = createApply(reactions, { documents });
  const apply = createApply(reactions, { documents });
  interface Load {
    readonly subject: () => string;
    readonly times: number[];
    flooded: number;
  }
  /** Measures single likes of new posts for a second, beside batches of 100 likes, ten times a second. */
  const measure = async (load: Load): Promise<void> => {
    const stopping = new AbortController();
    const flood = (async () => {
      while (!stopping.signal.aborted) {
        const next = performance.now() + 100;
        await flooding(Array.from({ length: 100 }, () => liked(load.subject())).flat());
        load.flooded += 100;
        await setTimeout(Math.max(0, next - performance.now()));
      }
    })();
    const until = performance.now() + 1_000;
    while (performance.now() < until) {
      load.times.push(await timed(() => apply(liked(newId()))));
      await setTimeout(5);
    }
    stopping.abort();
    await flood;
  };
  const before = (await countOf(hot)) ?? 0;
  const many: Load = { subject: newId, times: [], flooded: 0 };
  const one: Load = { subject: () => hot, times: [], flooded: 0 };
  // In turn, so that both see the same load of the machine.
  for (let turn = 0; turn < 10; turn++) {
    await measure(many);
    await measure(one);
  }
  const ratio = median(one.times) / median(many.times);
  console.log(
    `like beside ${one.flooded / 10} likes/s of one post: ${median(one.times).toFixed(2)} ms, beside ${many.flooded / 10} of many: ${median(many.times).toFixed(2)} ms, ratio ${ratio.toFixed(2)}`,
  );
  expect(await countOf(hot)).toBe(before + one.flooded);
  expect(ratio).toBeLessThanOrEqual(1.3);
}, 120_000);
