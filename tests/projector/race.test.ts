import { type Collection, type Documents, openDocuments } from '@rookery/document-store';
import { type Feeds, openFeeds } from '@rookery/feeds';
import { type Apply, createApply, createFanOut, type FanOutOptions } from '@rookery/projector';
import { feedKey } from '@rookery/read-models';
import { type Projection, project, projections } from '@rookery/read-models/reducers';
import { createLog } from '@rookery/runtime';
import type { RecordedEvent } from '@rookery/schema/events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { posts, record, users } from '../support/events/recorded-events.ts';
import { type FreshDatabase, type FreshServer, freshDatabase, freshRedis } from '../support/index.ts';
import { epochOf, feedOf, fillFeed } from '../support/systems/observe.ts';

/**
 * The race to remember: a follow reads the author's items while that author's post reads the followers. Each writes
 * its own document first and reads the other's afterwards. Here every interleaving of the four steps is played, step
 * by step; and the same with the two steps swapped, which must lose the post.
 */

const log = createLog('test', 'silent');
const [author, reader] = users as [string, string];
const [post] = posts as [string];
const [followed, published] = record([
  { name: 'rookery.user.followed', actor: reader, subject: author, at: 1, data: {} },
  { name: 'rookery.post.published', actor: author, subject: post, id: post, at: 2, data: { body: 'caw' } },
]) as [RecordedEvent, RecordedEvent];
const feedsProjection = projections.find(({ name }) => name === 'feeds') as Projection;

type Step = 'follow writes' | 'follow reads' | 'post writes' | 'post reads';

/** All orders of the four steps that keep each worker's own two in this order. */
const interleavings = (first: 'writes' | 'reads'): Step[][] => {
  const second = first === 'writes' ? 'reads' : 'writes';
  const own = (who: 'follow' | 'post'): [Step, Step] => [`${who} ${first}`, `${who} ${second}`];
  const [[f1, f2], [p1, p2]] = [own('follow'), own('post')];
  return [
    [f1, f2, p1, p2],
    [f1, p1, f2, p2],
    [f1, p1, p2, f2],
    [p1, f1, f2, p2],
    [p1, f1, p2, f2],
    [p1, p2, f1, f2],
  ];
};

/** Lets each step happen in its turn only: a step waits until all before it are over. */
const createSchedule = (order: readonly Step[]) => {
  const over = order.map(() => Promise.withResolvers<void>());
  const turnOf = async (step: Step): Promise<void> => {
    const turn = order.indexOf(step);
    if (turn > 0) await over[turn - 1]?.promise;
  };
  const inTurn = async <T>(step: Step, action: () => Promise<T>): Promise<T> => {
    await turnOf(step);
    const result = await action();
    over[order.indexOf(step)]?.resolve();
    return result;
  };
  return { turnOf, inTurn };
};
type Schedule = ReturnType<typeof createSchedule>;

/** The documents as one of the two workers sees them: its write of its own and its read of the other's take turns. */
const scheduled = (documents: Documents, who: 'follow' | 'post', { inTurn }: Schedule): Documents => {
  const [own, others] = who === 'follow' ? ['follows', 'items'] : ['items', 'follows'];
  return {
    ...documents,
    collection<T>(name: string): Collection<T> {
      const real = documents.collection<T>(name);
      return {
        ...real,
        putMany: (writes) =>
          name === own ? inTurn(`${who} writes`, () => real.putMany(writes)) : real.putMany(writes),
        pageOf: (fields, request) =>
          name === others
            ? inTurn(`${who} reads`, () => real.pageOf(fields, request))
            : real.pageOf(fields, request),
      };
    },
  };
};

/**
 * The feeds as one of the two workers sees them. Building the author's audience begins with the read of the followers: begun
 * earlier, it would let the follower's feed join beforehand, which is a second way for the post to reach it.
 */
const scheduledFeeds = (feeds: Feeds, { turnOf }: Schedule): Feeds => ({
  ...feeds,
  audiences: {
    ...feeds.audiences,
    beginBuild: async (audiences) => {
      await turnOf('post reads');
      return feeds.audiences.beginBuild(audiences);
    },
  },
});

/** The mutant: carries on to the feeds what is not durable yet, and writes it afterwards. */
const createSwappedApply = (options: FanOutOptions): Apply => {
  const fanOut = createFanOut(options);
  const write = createApply(feedsProjection, { documents: options.documents });
  return async (events) => {
    const folded = project(feedsProjection, events);
    const hints = await fanOut(
      feedsProjection.merges.map((merge) => ({ merge, docs: folded.get(merge.collection) ?? new Map() })),
    );
    await write(events);
    return hints;
  };
};
const createRightApply = (options: FanOutOptions): Apply =>
  createApply(feedsProjection, { documents: options.documents, fanOut: createFanOut(options) });

describe('follow and post at once', () => {
  let database: FreshDatabase;
  let redis: FreshServer;
  let feeds: Feeds;
  let run = 0;
  beforeAll(async () => {
    [database, redis] = [await freshDatabase(), await freshRedis()];
    feeds = openFeeds(redis.url, { cap: 100, idleDays: 1, log });
  });
  afterAll(async () => {
    await feeds.close();
    await redis.stop();
    await database.drop();
  });

  /** Plays one interleaving, from a feed that is ready and empty. */
  const play = async (
    order: readonly Step[],
    create: (options: FanOutOptions) => Apply,
  ): Promise<string[] | undefined> => {
    run += 1;
    const documents = await openDocuments(database.url, { namespace: `run${run}`, log });
    try {
      await documents.prepare();
      await documents
        .collection('progress')
        .putMany([{ id: 'feeds', revision: 0, doc: { position: 0, at: '', epoch: run } }]);
      await fillFeed(documents, feeds, reader);
      const schedule = createSchedule(order);
      const worker = (who: 'follow' | 'post') =>
        create({
          documents: scheduled(documents, who, schedule),
          feeds: scheduledFeeds(feeds, schedule),
          cap: 100,
          limit: 1_000,
          log,
        });
      await Promise.all([worker('follow')([followed]), worker('post')([published])]);
      return await feedOf(documents, feeds, reader);
    } finally {
      await documents.close();
    }
  };

  it.each(interleavings('writes').map((order) => [order.join(', '), order] as const))(
    'the post is in the feed: %s',
    async (_, order) => {
      expect(await play(order, createRightApply)).toEqual([`POST ${post}`]);
    },
  );

  it('the post is lost if the two steps are swapped', async () => {
    const outcomes = new Map<string, string[] | undefined>();
    for (const order of interleavings('reads')) {
      outcomes.set(order.join(', '), await play(order, createSwappedApply));
    }
    const lost = [...outcomes].flatMap(([order, feed]) => (feed?.length === 0 ? [order] : []));
    expect(lost).toContain('follow reads, post reads, follow writes, post writes');
    // One after the other nobody could tell the difference: the test is about the race and nothing else.
    expect(lost).not.toContain('follow reads, follow writes, post reads, post writes');
    expect(lost).not.toContain('post reads, post writes, follow reads, follow writes');
  });

  it('a slow removal does not take away what a newer share has added', async () => {
    const documents = await openDocuments(database.url, { namespace: 'switched', log });
    await documents.prepare();
    const share = (name: 'rookery.post.shared' | 'rookery.post.unshared', at: number) =>
      record([{ name, actor: author, subject: post, at, data: {} }], at);
    const removing = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const slow: Feeds = {
      ...feeds,
      async remove(readers, itemId) {
        removing.resolve();
        await release.promise;
        await feeds.remove(readers, itemId);
      },
    };
    const worker = (own: Feeds) => createRightApply({ documents, feeds: own, cap: 100, limit: 1_000, log });
    const here = { name: 'rookery.user.followed' as const, actor: reader, subject: author, at: 1, data: {} };
    await worker(feeds)(record([here]));
    await fillFeed(documents, feeds, reader);
    await worker(feeds)(share('rookery.post.shared', 2));
    const unsharing = worker(slow)(share('rookery.post.unshared', 3));
    await removing.promise;
    await worker(feeds)(share('rookery.post.shared', 4));
    release.resolve();
    await unsharing;
    expect(await feedOf(documents, feeds, reader)).toEqual([`SHARE ${post}`]);
    await documents.close();
  });

  it('a slow worker does not move a share back to its position before it was undone', async () => {
    const documents = await openDocuments(database.url, { namespace: 'moved', log });
    await documents.prepare();
    const share = (name: 'rookery.post.shared' | 'rookery.post.unshared', at: number) =>
      record([{ name, actor: author, subject: post, at, data: {} }], at);
    const adding = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const slow: Feeds = {
      ...feeds,
      async add(...args) {
        adding.resolve();
        await release.promise;
        return feeds.add(...args);
      },
    };
    const worker = (own: Feeds) => createRightApply({ documents, feeds: own, cap: 100, limit: 1_000, log });
    const here = { name: 'rookery.user.followed' as const, actor: reader, subject: author, at: 1, data: {} };
    await worker(feeds)(record([here]));
    await fillFeed(documents, feeds, reader);
    const sharing = worker(slow)(share('rookery.post.shared', 2));
    await adding.promise;
    await worker(feeds)(share('rookery.post.unshared', 3));
    await worker(feeds)(share('rookery.post.shared', 4));
    release.resolve();
    await sharing;
    const { entries } = await feeds.entriesBefore(feedKey(reader, await epochOf(documents)), undefined, 10);
    expect(entries.map(({ position }) => position)).toEqual([4]);
    await documents.close();
  });
});
