import { randomUUID } from 'node:crypto';
import { forEachConcurrently } from '@rookery/runtime';
import * as scripts from './audience-scripts.ts';
import { joinCalls } from './joined-calls.ts';
import type { Script } from './raw.ts';
import type { Audience, Audiences } from './types.ts';

export interface AudiencesOptions {
  /** Defines a script under a name. */
  readonly define: (name: string, lua: string, numberOfKeys?: number) => Script;
  /** Runs an action on Redis. */
  readonly call: <R>(action: () => Promise<R>) => Promise<R>;
  /** Runs an action for keys in chunks, a few of them concurrently. */
  readonly eachChunk: (
    keys: readonly string[],
    action: (keys: readonly string[]) => Promise<unknown>,
  ) => Promise<void>;
  /** Seconds without a post after which an audience is dropped. */
  readonly ttlSeconds: number;
  /** True if each key is in a slot of its own, as on a cluster. */
  readonly hasSlots: boolean;
}

/** Maximum number of feeds that join or are dropped in one call. */
const maxFeeds = 500;
/** Number of audiences that are marked concurrently, and of those that are read in one call. */
const atOnce = 64;
/** Number of members after which a call reads no further audience: Redis serves other clients in between. */
const enough = 500;

const keyOf = (audience: string): string => `audience:{${audience}}`;

/** Members of an audience that are asked for. */
interface MembersAsked {
  readonly audience: string;
  readonly after: number;
  readonly limit: number;
}

export const openAudiences = ({
  define,
  call,
  eachChunk,
  ttlSeconds,
  hasSlots,
}: AudiencesOptions): Audiences => {
  const join = define('audienceJoin', scripts.join);
  const leave = define('audienceLeave', scripts.leave);
  const beginBuild = define('audienceBeginBuild', scripts.beginBuild, 1);
  const endBuild = define('audienceEndBuild', scripts.endBuild, 1);
  const members = define('audienceMembersOf', scripts.members);
  const drop = define('audienceDrop', scripts.drop, 1);
  const readMembers = joinCalls<MembersAsked, RawAudience>(
    async (asked) => {
      const found: RawAudience[] = [];
      while (found.length < asked.length) {
        const open = asked.slice(found.length);
        const keys = open.map(({ audience }) => keyOf(audience));
        const ranges = open.flatMap(({ after, limit }) => [after, limit]);
        const some = await call(() => members(keys.length, ...keys, ttlSeconds, enough, ...ranges));
        found.push(...(some as RawAudience[]));
      }
      return found;
    },
    { questions: hasSlots ? 1 : atOnce, weight: Number.POSITIVE_INFINITY, weightOf: () => 1 },
  );

  return {
    async join(feeds, audiences) {
      for (let i = 0; i < feeds.length; i += maxFeeds) {
        const some = feeds.slice(i, i + maxFeeds);
        await eachChunk(audiences.map(keyOf), (keys) => join(keys.length, ...keys, ...some));
      }
    },
    async leave(feed, audiences) {
      let left = 0;
      await eachChunk(audiences.map(keyOf), async (keys) => {
        // Not in one expression: it would read the sum before it waits, and others add to it meanwhile.
        const gone = Number(await leave(keys.length, ...keys, feed));
        left += gone;
      });
      return left > 0;
    },
    async beginBuild(audiences) {
      const token = randomUUID();
      const building: string[] = [];
      await forEachConcurrently(audiences, atOnce, async (audience) => {
        if ((await call(() => beginBuild(keyOf(audience), token, ttlSeconds))) !== 1) building.push(audience);
      });
      const end = (audience: string) => call(() => endBuild(keyOf(audience), token));
      return {
        audiences: building,
        end: () => forEachConcurrently(building, atOnce, async (audience) => void (await end(audience))),
      };
    },
    members: async (audience, after, limit) => toAudience(await readMembers({ audience, after, limit })),
    async drop(audience, gone) {
      for (let i = 0; i < gone.length; i += maxFeeds) {
        const some = gone.slice(i, i + maxFeeds).flatMap(({ feed, joined }) => [feed, joined]);
        await call(() => drop(keyOf(audience), ...some));
      }
    },
  };
};

/** Result of the reading script. */
type RawAudience = readonly [size: number, members: readonly string[]] | null;

const toAudience = (raw: RawAudience): Audience | undefined => {
  if (raw === null) return undefined;
  const [size, flat] = raw;
  const members = [];
  for (let i = 0; i + 1 < flat.length; i += 2)
    members.push({ feed: flat[i] ?? '', joined: Number(flat[i + 1]) });
  return { size, members };
};
