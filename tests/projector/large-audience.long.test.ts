import { openDocuments } from '@rookery/document-store';
import { openFeeds } from '@rookery/feeds';
import { createApply, createFanOut } from '@rookery/projector';
import { feedKey, type RelationDoc, relationId } from '@rookery/read-models';
import { type Projection, projections } from '@rookery/read-models/reducers';
import { createLog, newId } from '@rookery/runtime';
import type { RecordedEvent } from '@rookery/schema/events';
import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { record } from '../support/events/recorded-events.ts';
import { freshDatabase, freshRedis } from '../support/index.ts';

const log = createLog('test', 'silent');
const feedsProjection = projections.find(({ name }) => name === 'feeds') as Projection;
/** One less than the number from which an author's items are merged at read. */
const most = 2_499;
const rounds = 15;
const maxDelayMs = 50;

/** Returns the CPU time that Redis and this process have used, in milliseconds: the delay on a machine that does nothing else. */
const cpuTime = async (redis: Redis): Promise<number> => {
  const info = await redis.info('cpu');
  const seconds = ['used_cpu_user', 'used_cpu_sys'].map((name) =>
    Number(new RegExp(`^${name}:(.*)$`, 'm').exec(info)?.[1]),
  );
  const { user, system } = process.cpuUsage();
  return seconds.reduce((sum, one) => sum + one * 1_000, (user + system) / 1_000);
};

it('a post to 2,499 held feeds delays the posts of others by less than 50 ms', {
  timeout: 600_000,
}, async () => {
  await using database = await freshDatabase();
  await using redis = await freshRedis();
  const documents = await openDocuments(database.url, { log });
  const admin = new Redis(redis.url);
  const feeds = openFeeds(redis.url, { cap: 800, idleDays: 1, log });
  try {
    await documents.prepare();
    const [star, author] = [newId(), newId()];
    const readers = Array.from({ length: most }, newId);
    let position = 0;
    const followedBy = (object: string) => (actor: string) => {
      position += 1;
      const at = new Date(position).toISOString();
      const doc: RelationDoc = {
        actor,
        object,
        active: true,
        version: [at, newId()],
        position,
        since: at,
      };
      return { id: relationId(actor, object), revision: 0, doc };
    };
    const follows = documents.collection<RelationDoc>('follows');
    const all = readers.map(followedBy(star));
    for (let i = 0; i < all.length; i += 500) await follows.putMany(all.slice(i, i + 500));
    await follows.putMany(readers.slice(0, 5).map(followedBy(author)));
    for (const reader of readers) await feeds.fill(feedKey(reader, 0), async () => []);
    const post = (actor: string): RecordedEvent => {
      position += 1;
      const id = newId();
      const fact = { name: 'rookery.post.published' as const, actor, subject: id, id, at: position };
      return record([{ ...fact, data: { body: 'caw' } }], position)[0] as RecordedEvent;
    };
    const apply = createApply(feedsProjection, {
      documents,
      fanOut: createFanOut({ documents, feeds, cap: 800, limit: 10_000, log }),
    });
    const timeOf = async (batches: readonly (readonly RecordedEvent[])[]): Promise<number> => {
      const before = await cpuTime(admin);
      for (const events of batches) await apply(events);
      return ((await cpuTime(admin)) - before) / batches.length;
    };
    // The first posts build both audiences.
    await apply([post(star), post(author)]);
    const of = (make: () => RecordedEvent[]) => Array.from({ length: rounds }, make);
    const alone = await timeOf(of(() => [post(author)]));
    const behind = await timeOf(of(() => [post(star), post(author)]));
    expect(await documents.collection('authors').count({})).toBe(0);
    const last = await feeds.entriesBefore(feedKey(readers.at(-1) ?? '', 0), undefined, 100);
    expect(last.entries).toHaveLength(rounds + 1);
    expect(behind - alone, `${alone} ms alone, ${behind} ms behind the large one`).toBeLessThan(maxDelayMs);
  } finally {
    admin.disconnect();
    await feeds.close();
    await documents.close();
  }
});
