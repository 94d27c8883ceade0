import { randomUUID } from 'node:crypto';
import type { EventEmitter } from 'node:events';
import { isCluster, mastersOf, openRedisClient, type RedisClient } from '@rookery/redis';
import { backoffMs, forEachConcurrently, type Logger } from '@rookery/runtime';
import { createAdditions } from './additions.ts';
import { openAudiences } from './audiences.ts';
import { createCatchUp } from './catch-up.ts';
import { chunksOf } from './chunks.ts';
import { createFloors } from './floors.ts';
import { gatherWrites } from './gather-writes.ts';
import { keyOf, readerOf, type Script, toEntries } from './raw.ts';
import * as scripts from './scripts.ts';
import { createSegments } from './segments.ts';
import type { FeedEntry, FeedPage, Feeds, HeldFeed } from './types.ts';

/** Redis did not answer in time. Every call may be repeated. */
export class FeedsUnavailableError extends Error {
  override name = 'FeedsUnavailableError';
}

export interface FeedsOptions {
  /** Maximum number of items in a feed. */
  readonly cap: number;
  /** Days without a read after which a feed is dropped. */
  readonly idleDays: number;
  readonly log: Logger;
  /** Receives the duration of each call, also of one that fails. */
  readonly onCall?: ((seconds: number) => void) | undefined;
}

/** Number of feeds in a script call, and of concurrent calls: Redis serves other clients in between. */
const chunk = 500;
const inFlight = 8;
/** Maximum wait for a lost connection to return, and then for the answer. */
const timeoutsMs = { reconnect: 250, answer: 700 } as const;

/** Result of the reading scripts. */
type RawPage = readonly [floor: number, upTo: number, entries?: readonly string[]] | null;

const connect = (url: string, log: Logger): RedisClient => {
  const redis = openRedisClient(url, log, {
    connectionName: 'rookery-feeds',
    connectTimeout: 1_000,
    commandTimeout: timeoutsMs.answer,
    // A silent server: the connection is dropped so that commands do not pile up.
    socketTimeout: timeoutsMs.answer + 300,
    // No command waits in memory for a server that is down: the caller has an alternative.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    maxLoadingRetryTime: 1_000,
    retryStrategy: (times) => backoffMs(times, { firstMs: 50, maxMs: 500 }),
  });
  let connected = true;
  const events: EventEmitter = redis;
  events.on('error', (error) => {
    if (connected) log.warn({ error }, 'feeds: lost Redis');
    connected = false;
  });
  events.on('ready', () => {
    if (!connected) log.info('feeds: Redis is back');
    connected = true;
  });
  return redis;
};

/** Creates the ways in which actions run on Redis: each is counted, and waits shortly for a lost connection. */
const createCalls = (redis: RedisClient, onCall: FeedsOptions['onCall']) => {
  const ready = gate(redis);
  const gather = gatherWrites(redis);
  let calls = 0;
  const call = async <R>(action: () => Promise<R>): Promise<R> => {
    calls++;
    const startedAt = performance.now();
    try {
      await ready();
      gather();
      return await action();
    } catch (error) {
      throw asUnavailable(error);
    } finally {
      onCall?.((performance.now() - startedAt) / 1_000);
    }
  };
  /** Runs an action for the keys in chunks, or on a cluster for each key, a few of them concurrently. */
  const eachChunk = (
    keys: readonly string[],
    action: (keys: readonly string[]) => Promise<unknown>,
  ): Promise<void> =>
    forEachConcurrently(chunksOf(keys, chunk), inFlight, async (some) => {
      // On a cluster each key has a slot of its own, and ioredis sends each command to the master of its key.
      await call(() => (isCluster(redis) ? Promise.all(some.map((key) => action([key]))) : action(some)));
    });
  const each = (readers: readonly string[], action: (keys: readonly string[]) => Promise<unknown>) =>
    eachChunk([...new Set(readers)].map(keyOf), action);
  return { call, eachChunk, each, count: () => calls };
};

/** Opens the feeds on one Redis or a Redis Cluster. It connects at once, and reconnects by itself. */
export const openRedis = (url: string, { cap, idleDays, log, onCall }: FeedsOptions): Feeds => {
  const ttlSeconds = Math.round(idleDays * 86_400);
  const redis = connect(url, log);

  const define = (name: string, lua: string, numberOfKeys?: number): Script => {
    redis.defineCommand(name, { lua, ...(numberOfKeys === undefined ? {} : { numberOfKeys }) });
    const command = (redis as unknown as Readonly<Record<string, Script>>)[name];
    if (command === undefined) throw new TypeError(`no command ${name}`);
    return command.bind(redis);
  };
  const remove = define('feedRemove', scripts.remove);
  const merge = define('feedMerge', scripts.merge, 1);
  const beginFill = define('feedBeginFill', scripts.beginFill, 1);
  const endFill = define('feedEndFill', scripts.endFill, 1);
  const before = define('feedBefore', scripts.before, 1);
  const after = define('feedAfter', scripts.after, 1);
  const dump = define('feedDump', scripts.dump, 1);
  const publishAll = define('feedPublish', scripts.publish, 0);

  const { call, eachChunk, each, count } = createCalls(redis, onCall);
  const hasSlots = isCluster(redis);
  const audiences = openAudiences({ define, call, eachChunk, ttlSeconds, hasSlots });

  return {
    ...createCatchUp(define, call, cap),
    ...createFloors(define, each),
    ...createSegments(define, call),
    ...createAdditions({ define, call, cap, hasSlots }),
    remove: (readers, itemId) => each(readers, (keys) => remove(keys.length, ...keys, itemId)),
    async merge(reader, entries) {
      if (entries.length > 0) await call(() => merge(keyOf(reader), cap, ...flat(entries, cap)));
    },
    async removeMany(reader, itemIds) {
      for (let i = 0; i < itemIds.length; i += chunk) {
        await call(() => remove(1, keyOf(reader), ...itemIds.slice(i, i + chunk)));
      }
    },
    async fill(reader, candidates, upTo = 0) {
      const token = randomUUID();
      if ((await call(() => beginFill(keyOf(reader), token, ttlSeconds))) === 1) return;
      const entries = flat(await candidates((all) => audiences.join([reader], all)), cap);
      await call(() => endFill(keyOf(reader), cap, token, ttlSeconds, upTo, ...entries));
    },
    audiences,
    entriesBefore: async (reader, bound, limit) =>
      toPage(
        (await call(() => before(keyOf(reader), bound ?? '+inf', limit + 1, ttlSeconds))) as RawPage,
        limit,
      ),
    entriesAfter: async (reader, bound, upTo, limit) =>
      toPage((await call(() => after(keyOf(reader), bound, upTo, limit + 1, ttlSeconds))) as RawPage, limit),
    async *held() {
      for (const master of await call(async () => mastersOf(redis))) {
        for (let cursor = '0'; ; ) {
          const from = cursor;
          const [next, keys] = await call(() => master.scan(from, 'MATCH', keyOf('*'), 'COUNT', chunk));
          if (keys.length > 0) yield keys.map(readerOf);
          if (next === '0') break;
          cursor = next;
        }
      }
    },
    async dump(reader) {
      const raw = (await call(() => dump(keyOf(reader)))) as readonly string[] | null;
      return raw === null ? undefined : toHeldFeed(raw);
    },
    async drop(readers) {
      await each(readers, (keys) => redis.del(...keys));
    },
    async hint(hints) {
      const all = [...hints].map(([topic, payload]) => [`live:${topic}`, JSON.stringify(payload)] as const);
      for (const some of chunksOf(all, chunk)) {
        // Sharded, a message reaches the master of its channel only, and not every node of a cluster.
        if (isCluster(redis))
          await call(() => Promise.all(some.map(([channel, message]) => redis.spublish(channel, message))));
        else await call(() => publishAll(...byMessage(some)));
      }
    },
    ping: () => call(async () => void (await redis.ping())),
    get calls() {
      return count();
    },
    close: async () => redis.disconnect(),
  };
};

/** Returns each message and the list of its channels, alternately: most channels of a batch get the same. */
const byMessage = (all: readonly (readonly [channel: string, message: string])[]): string[] =>
  [...Map.groupBy(all, ([, message]) => message)].flatMap(([message, of]) => [
    message,
    JSON.stringify(of.map(([channel]) => channel)),
  ]);

/** Returns items and positions alternately: the newest `cap`, so that a full feed is recognized. */
const flat = (entries: readonly FeedEntry[], cap: number): (string | number)[] =>
  entries
    .toSorted((a, b) => b.position - a.position)
    .slice(0, cap)
    .flatMap(({ itemId, position }) => [itemId, position]);

/** Reads a whole feed with its marks: members and scores alternately. */
const toHeldFeed = (raw: readonly string[]): HeldFeed | undefined => {
  const members = new Map<string, number>();
  for (let i = 0; i + 1 < raw.length; i += 2) members.set(raw[i] ?? '', Number(raw[i + 1]));
  const floor = members.get('floor');
  if (floor === undefined) return undefined;
  const entries = [...members].flatMap(([itemId, position]) => (position > 0 ? [{ itemId, position }] : []));
  return { floor: -1 - floor, entries };
};

/** An extra entry shows whether there are more. */
const toPage = (raw: RawPage, limit: number): FeedPage => {
  const none = { ready: false, upTo: 0, entries: [], exhausted: false, complete: false };
  if (raw === null) return { ...none, held: false };
  const [floor, upTo, flatEntries] = raw;
  if (flatEntries === undefined) return { ...none, held: true, upTo };
  const entries = toEntries(flatEntries).slice(0, limit);
  const exhausted = flatEntries.length <= 2 * limit;
  return { held: true, ready: true, upTo, entries, exhausted, complete: exhausted && floor === 0 };
};

/** Resolves once connected; rejects if the connection does not return. All callers share one wait. */
const gate = (redis: RedisClient): (() => Promise<void>) => {
  let waiting: Promise<void> | undefined;
  const wait = async () => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => reject(new Error('no connection')), timeoutsMs.reconnect);
    const events: EventEmitter = redis;
    events.once('ready', resolve);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      events.off('ready', resolve);
      waiting = undefined;
    }
  };
  return async () => {
    if (redis.status === 'ready') return;
    waiting ??= wait();
    await waiting;
  };
};

/** Passes on errors of Redis itself; a lost or silent connection is unavailability. */
const asUnavailable = (error: unknown): unknown => {
  const refused = error instanceof Error && error.name === 'ReplyError';
  if (refused && !/^(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|MOVED|ASK)/.test(error.message))
    return error;
  const why = error instanceof Error ? error.message : String(error);
  return new FeedsUnavailableError(`Redis does not answer: ${why}`, { cause: error });
};
