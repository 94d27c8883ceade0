import { type Collection, type Documents, openDocuments } from '@rookery/document-store';
import { type Feeds, openFeeds } from '@rookery/feeds';
import { type Apply, createApply, createFanOut, type FanOutOptions } from '@rookery/projector';
import { type Projection, projections } from '@rookery/read-models/reducers';
import { createLog, newId } from '@rookery/runtime';
import type { RecordedEvent } from '@rookery/schema/events';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Fact, record } from '../support/events/recorded-events.ts';
import { type FreshDatabase, type FreshServer, freshDatabase, freshRedis } from '../support/index.ts';
import { model } from '../support/model/social.ts';
import { feedOf, fillFeed } from '../support/systems/observe.ts';

const log = createLog('test', 'silent');
const feedsProjection = projections.find(({ name }) => name === 'feeds') as Projection;

let database: FreshDatabase;
let server: FreshServer;
let documents: Documents;
let feeds: Feeds;
let redis: Redis;
beforeAll(async () => {
  [database, server] = [await freshDatabase(), await freshRedis()];
  documents = await openDocuments(database.url, { log });
  await documents.prepare();
  feeds = openFeeds(server.url, { cap: 100, idleDays: 1, log });
  redis = new Redis(server.url);
});
beforeEach(() => redis.flushall());
afterAll(async () => {
  redis.disconnect();
  await feeds.close();
  await documents.close();
  await server.stop();
  await database.drop();
});

let position = 0;
/** Records one fact at the next position. */
const next = (fact: Omit<Fact, 'at' | 'data' | 'id'> & { body?: string }): RecordedEvent => {
  position += 1;
  const { body, ...rest } = fact;
  const data = body === undefined ? {} : { body };
  return record([{ ...rest, at: position, data, id: fact.subject } as Fact], position)[0] as RecordedEvent;
};
const publishes = (author: string) => {
  const id = newId();
  return next({ name: 'rookery.post.published', actor: author, subject: id, body: 'caw' });
};
const toggles = (name: 'followed' | 'unfollowed', reader: string, author: string): RecordedEvent => {
  position += 1;
  return record(
    [{ name: `rookery.user.${name}`, actor: reader, subject: author, at: position, data: {}, id: newId() }],
    position,
  )[0] as RecordedEvent;
};

const applyWith = (more: Partial<FanOutOptions> = {}): Apply => {
  const options = { documents, feeds, cap: 100, limit: 10_000, log, ...more };
  return createApply(feedsProjection, {
    documents: options.documents,
    fanOut: createFanOut(options),
  });
};

/** Counts the rows that the fan-out reads, by collection. */
const countingRows = () => {
  const rows = new Map<string, number>();
  const counting = async <Row>(name: string, reading: Promise<Row[]>): Promise<Row[]> => {
    const page = await reading;
    rows.set(name, (rows.get(name) ?? 0) + page.length);
    return page;
  };
  const counted: Documents = {
    ...documents,
    collection<T>(name: string): Collection<T> {
      const real = documents.collection<T>(name);
      return {
        ...real,
        page: (request) => counting(name, real.page(request)),
        pageOf: (fields, request) => counting(name, real.pageOf(fields, request)),
      };
    },
  };
  return { rows, documents: counted };
};

/** Lets many people follow an author, without a feed. */
const followers = async (author: string, many: number): Promise<string[]> => {
  const readers = Array.from({ length: many }, newId);
  const events = readers.map((reader) => toggles('followed', reader, author));
  for (let i = 0; i < events.length; i += 500) await applyWith()(events.slice(i, i + 500));
  return readers;
};

describe('a post', () => {
  it('costs what the held feeds of the followers cost, and nothing for all others', async () => {
    const costs = [];
    for (const idle of [10, 2_000]) {
      const author = newId();
      const active = (await followers(author, idle)).slice(0, 3);
      for (const reader of active) await fillFeed(documents, feeds, reader);
      const { rows, documents: counted } = countingRows();
      const apply = applyWith({ documents: counted });
      // The first post finds out who is active.
      await apply([publishes(author)]);
      expect(rows.get('follows')).toBe(idle);
      rows.clear();
      const before = feeds.calls;
      const { topics } = await apply([publishes(author)]);
      costs.push({ calls: feeds.calls - before, rows: [...rows] });
      expect([...topics].sort()).toEqual([...active, author].map((reader) => `feed:${reader}`).sort());
      for (const reader of active) expect(await feedOf(documents, feeds, reader)).toHaveLength(2);
    }
    expect(costs[1]).toEqual(costs[0]);
    expect(costs[0]?.rows).toEqual([]);
  });

  it('drops a feed that is not held any more from the audience', async () => {
    const author = newId();
    const [one = '', other = ''] = await followers(author, 2);
    for (const reader of [one, other]) await fillFeed(documents, feeds, reader);
    const apply = applyWith();
    await apply([publishes(author)]);
    await feeds.drop([one]);
    const sizes = [];
    for (let i = 0; i < 2; i++) {
      sizes.push((await feeds.audiences.members(author, 0, 10))?.size);
      await apply([publishes(author)]);
    }
    expect(sizes).toEqual([2, 1]);
    expect(await feedOf(documents, feeds, other)).toHaveLength(3);
  });

  it('that another worker deletes meanwhile is announced to a feed that has joined since', async () => {
    const author = newId();
    const [first = '', late = ''] = await followers(author, 2);
    await fillFeed(documents, feeds, first);
    await applyWith()([publishes(author)]);
    const post = publishes(author);
    let adds = 0;
    const interrupted: Feeds = {
      ...feeds,
      async add(...args) {
        const missing = await feeds.add(...args);
        adds += 1;
        if (adds > 1) return missing;
        await fillFeed(documents, feeds, late);
        await applyWith()([
          next({ name: 'rookery.post.deleted', actor: author, subject: post.event.subject }),
        ]);
        return missing;
      },
    };
    const { topics } = await applyWith({ feeds: interrupted })([post]);
    expect(adds).toBe(1);
    expect([...topics].sort()).toEqual([`feed:${first}`, `feed:${late}`, `feed:${author}`].sort());
    expect(await feedOf(documents, feeds, late)).toHaveLength(1);
  });

  it('of an author with too many held feeds is left to be merged at read, and marked before', async () => {
    const author = newId();
    const readers = await followers(author, 4);
    for (const reader of readers) await fillFeed(documents, feeds, reader);
    const { topics } = await applyWith({ maxFeeds: 4 })([publishes(author)]);
    expect((await documents.collection('authors').getMany([author])).get(author)?.doc).toEqual({ big: true });
    for (const reader of readers) expect(await feedOf(documents, feeds, reader)).toEqual([]);
    // They must learn that they merge this author from now on.
    expect([...topics].sort()).toEqual([...readers, author].map((reader) => `feed:${reader}`).sort());
  });
});

describe('a follow', () => {
  it('reads the items of the author only if Redis holds the feed of the follower', async () => {
    const [author, idle, active] = [newId(), newId(), newId()];
    await fillFeed(documents, feeds, active);
    const { rows, documents: counted } = countingRows();
    const apply = applyWith({ documents: counted });
    await apply([publishes(author), publishes(author)]);
    await apply([toggles('followed', idle, author)]);
    expect(rows.get('items')).toBeUndefined();
    await apply([toggles('followed', active, author)]);
    expect(rows.get('items')).toBe(2);
    expect(await feedOf(documents, feeds, active)).toHaveLength(2);
  });

  it('reads no more of an author who has written much than a full feed can show', async () => {
    const [friend, author, reader] = [newId(), newId(), newId()];
    const theirs = (many: number, who: string) => Array.from({ length: many }, () => publishes(who));
    await applyWith()([...theirs(350, author), ...theirs(100, friend), ...theirs(2, author)]);
    await applyWith()([toggles('followed', reader, friend)]);
    await fillFeed(documents, feeds, reader);
    const { rows, documents: counted } = countingRows();
    const apply = applyWith({ documents: counted });
    for (const [act, expected] of [
      ['followed', 100],
      ['unfollowed', 98],
    ] as const) {
      rows.clear();
      await apply([toggles(act, reader, author)]);
      expect(rows.get('items')).toBe(2);
      expect(await feedOf(documents, feeds, reader)).toHaveLength(expected);
    }
    // A feed that is lost meanwhile may go further back when it is filled again.
    await fillFeed(documents, feeds, reader);
    const losing: Feeds = {
      ...feeds,
      async whichAreHeld(readers) {
        const held = await feeds.whichAreHeld(readers);
        await applyWith()([toggles('unfollowed', reader, friend)]);
        await feeds.drop([reader]);
        await fillFeed(documents, feeds, reader);
        return held;
      },
    };
    await applyWith({ feeds: losing })([toggles('followed', reader, author)]);
    expect(await feedOf(documents, feeds, reader)).toHaveLength(100);
  });

  it('asks Redis once which feeds it holds, however many there are', async () => {
    const [author, active] = [newId(), newId()];
    await applyWith()([publishes(author)]);
    await fillFeed(documents, feeds, active);
    const costs = [];
    for (const idle of [1, 100]) {
      const before = feeds.calls;
      await applyWith()(Array.from({ length: idle }, () => toggles('followed', newId(), author)));
      costs.push(feeds.calls - before);
    }
    expect(costs).toEqual([1, 1]);
    await applyWith()([
      ...Array.from({ length: 10 }, () => toggles('followed', newId(), newId())),
      toggles('followed', active, author),
    ]);
    expect(await feedOf(documents, feeds, active)).toHaveLength(1);
  });
});

describe('a follow and a post at once, while the audience is held', () => {
  type Step = 'writes' | 'joins' | 'reads items' | 'publishes' | 'reads audience';
  const own: readonly Step[] = ['writes', 'joins', 'reads items'];
  const others: readonly Step[] = ['publishes', 'reads audience'];
  /** All orders of the steps that keep those of each worker in order. */
  const interleavings = (a: readonly Step[], b: readonly Step[]): Step[][] => {
    const [x, ...as] = a;
    const [y, ...bs] = b;
    if (x === undefined) return [[...b]];
    if (y === undefined) return [[...a]];
    return [
      ...interleavings(as, b).map((rest) => [x, ...rest]),
      ...interleavings(a, bs).map((rest) => [y, ...rest]),
    ];
  };
  /** Lets each step begin only after all before it. A step out of its order fails. */
  const createSchedule = (order: readonly Step[]) => {
    const over = order.map(() => Promise.withResolvers<void>());
    return async <T>(step: Step, action: () => Promise<T>): Promise<T> => {
      const turn = order.indexOf(step);
      if (turn > 0) await over[turn - 1]?.promise;
      const result = await action();
      over[turn]?.resolve();
      return result;
    };
  };

  it.each(interleavings(own, others).map((order) => [order.join(', '), order] as const))(
    'the post is in the feed: %s',
    async (_, order) => {
      const [author, reader, friend] = [newId(), newId(), newId()];
      // Somebody else follows the author, so that Redis holds the audience.
      await applyWith()([toggles('followed', friend, author), publishes(author)]);
      await fillFeed(documents, feeds, reader);
      const inTurn = createSchedule(order);
      const scheduled = (steps: Readonly<Record<string, Step>>): Partial<FanOutOptions> => ({
        documents: {
          ...documents,
          collection<T>(name: string): Collection<T> {
            const real = documents.collection<T>(name);
            const [put, page] = [steps[`put ${name}`], steps[`page ${name}`]];
            return {
              ...real,
              putMany: (writes) => (put ? inTurn(put, () => real.putMany(writes)) : real.putMany(writes)),
              pageOf: (fields, request) =>
                page ? inTurn(page, () => real.pageOf(fields, request)) : real.pageOf(fields, request),
            };
          },
        },
        feeds: {
          ...feeds,
          audiences: {
            ...feeds.audiences,
            join: (some, audiences) =>
              steps.join
                ? inTurn(steps.join, () => feeds.audiences.join(some, audiences))
                : feeds.audiences.join(some, audiences),
            members: (...args) =>
              steps.members
                ? inTurn(steps.members, () => feeds.audiences.members(...args))
                : feeds.audiences.members(...args),
          },
        },
      });
      const follows = applyWith(
        scheduled({ 'put follows': 'writes', join: 'joins', 'page items': 'reads items' }),
      );
      const posts = applyWith(scheduled({ 'put items': 'publishes', members: 'reads audience' }));
      await Promise.all([follows([toggles('followed', reader, author)]), posts([publishes(author)])]);
      expect(await feedOf(documents, feeds, reader)).toHaveLength(2);
    },
  );
});

describe('feeds that come and go', () => {
  const disturbance = fc.constantFrom('publish' as const, 'lose the audience' as const);
  const maybe = fc.array(disturbance, { maxLength: 1 });
  /** Steps of one lane. The end of a follow or a feed comes before a new beginning, so that there is one to check at the end. */
  const steps = fc.oneof(
    disturbance.map((one) => [one]),
    fc.constantFrom(['follow' as const], ['fill' as const]),
    maybe.map((between) => ['unfollow' as const, ...between, 'follow' as const]),
    maybe.map((between) => ['expire' as const, ...between, 'fill' as const]),
  );
  const lane = fc.array(steps, { minLength: 1, maxLength: 3 }).map((parts) => parts.flat());
  /** Lanes of random steps, and one that begins a follow and a feed in any case. */
  const lanes = fc
    .tuple(
      fc.array(lane, { minLength: 1, maxLength: 3 }),
      fc.shuffledSubarray(['follow' as const, 'fill' as const], { minLength: 2 }),
    )
    .map(([random, begins]) => [...random, begins]);

  it('lack no item, whatever happens at once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), lanes, async (scheduler, chosen) => {
        const [author, reader] = [newId(), newId()];
        const events: RecordedEvent[] = [];
        /** Calls take turns in an order that the run chooses. */
        const shuffled = <T extends object>(target: T, names: readonly (keyof T)[]): T => ({
          ...target,
          ...Object.fromEntries(
            names.map((name) => [name, scheduler.scheduleFunction(target[name] as () => Promise<unknown>)]),
          ),
        });
        const ownDocuments: Documents = {
          ...documents,
          collection: <T>(name: string): Collection<T> =>
            shuffled(documents.collection<T>(name), ['getMany', 'putMany', 'page', 'pageOf']),
        };
        const ownFeeds: Feeds = {
          ...shuffled(feeds, ['add', 'remove', 'merge', 'removeMany', 'whichAreHeld']),
          audiences: shuffled(feeds.audiences, ['join', 'leave', 'members', 'drop', 'beginBuild']),
        };
        const apply = applyWith({ documents: ownDocuments, feeds: ownFeeds });
        const happens = async (event: RecordedEvent): Promise<void> => {
          events.push(event);
          await apply([event]);
        };
        const acts = {
          publish: () => happens(publishes(author)),
          follow: () => happens(toggles('followed', reader, author)),
          unfollow: () => happens(toggles('unfollowed', reader, author)),
          fill: () => fillFeed(ownDocuments, ownFeeds, reader),
          expire: () => feeds.drop([reader]),
          'lose the audience': async () => void (await redis.del(`audience:{${author}}`)),
        };
        const run = async (steps: (typeof chosen)[number]): Promise<void> => {
          for (const one of steps) await scheduler.schedule(Promise.resolve()).then(() => acts[one]());
        };
        await scheduler.waitFor(Promise.all(chosen.map(run)));

        const expected = model(events.toSorted((a, b) => a.position - b.position)).friendsFeed(reader);
        expect(await feedOf(documents, feeds, reader)).toEqual(expected);
        // The next post reaches it too.
        await applyWith()([publishes(author)]);
        expect(await feedOf(documents, feeds, reader)).toHaveLength(expected.length + 1);
      }),
      { numRuns: 40 },
    );
  });
});
