import type { Documents } from '@rookery/document-store';
import type { Audience, AudienceMember, Feeds } from '@rookery/feeds';
import { changesKey, feedKey } from '@rookery/read-models';
import { forEachConcurrently } from '@rookery/runtime';
import { type Follow, followsOf } from './followers.ts';

/** Redis did not accept a feed write. */
export class FeedWriteRefusedError extends Error {
  override name = 'FeedWriteRefusedError';
}

/** @throws FeedWriteRefusedError on any failure */
export const toRedis = async <T>(work: Promise<T>): Promise<T> => {
  try {
    return await work;
  } catch (cause) {
    throw new FeedWriteRefusedError('Redis did not take it', { cause });
  }
};

/** Names of feeds and of audiences: those of items, or those of their changes. */
type KeyOf = typeof feedKey;
const keysOf = [feedKey, changesKey] as const;

/** The feeds that get the items of one author, or their changes. */
export interface AudienceOf {
  readonly author: string;
  readonly keyOf: KeyOf;
}

export interface AudienceStores {
  readonly documents: Documents;
  readonly feeds: Feeds;
  /** Epoch of the feeds. */
  readonly epoch: number;
}

/** Number of members that are read in one round trip: as many as one call of Redis writes. */
const membersAtOnce = 500;
/**
 * Number of audiences that are read or joined concurrently. After a new epoch, or in a backlog, each post of a batch is by
 * another author; while other projections keep this process busy, every round trip takes as long as their longest step.
 */
const atOnce = 64;
/** Number of authors whose followers are read together. */
const authorsAtOnce = 32;
/** Number of such reads at a time: after a new epoch, a batch may have hundreds of authors. */
const readsAtOnce = 4;
/** Attempts to read an audience that Redis loses again and again. */
const maxTries = 3;

const nameOf = ({ epoch }: AudienceStores, { author, keyOf }: AudienceOf): string => keyOf(author, epoch);

/**
 * Returns the first members of those audiences that Redis holds.
 * @throws FeedWriteRefusedError
 */
export const readHeldAudiences = async (
  stores: AudienceStores,
  audiences: readonly AudienceOf[],
): Promise<ReadonlyMap<AudienceOf, Audience>> => {
  const found = new Map<AudienceOf, Audience>();
  await forEachConcurrently(audiences, atOnce, async (one) => {
    const audience = await toRedis(stores.feeds.audiences.members(nameOf(stores, one), 0, membersAtOnce));
    if (audience) found.set(one, audience);
  });
  return found;
};

/**
 * Returns the first members of each audience, and builds those that Redis does not hold. Everything that an
 * author's followers miss because they join later, they read from the documents (see Audiences.join).
 * @throws FeedWriteRefusedError
 */
export const readAudiences = async (
  stores: AudienceStores,
  audiences: readonly AudienceOf[],
): Promise<ReadonlyMap<AudienceOf, Audience>> => {
  const found = new Map<AudienceOf, Audience>();
  let open = audiences;
  for (let tries = 1; open.length > 0; tries++) {
    if (tries > maxTries) throw new FeedWriteRefusedError('Redis keeps losing audiences');
    if (tries > 1) await buildAudiences(stores, open);
    for (const [one, audience] of await readHeldAudiences(stores, open)) found.set(one, audience);
    open = open.filter((one) => !found.has(one));
  }
  return found;
};

/** Yields the members of an audience in pages, beginning with those that are known. */
export const membersOf = async function* (
  stores: AudienceStores,
  one: AudienceOf,
  first: Audience,
): AsyncGenerator<readonly AudienceMember[], void, void> {
  let page: Audience | undefined = first;
  while (page && page.members.length > 0) {
    yield page.members;
    const last = page.members.at(-1);
    if (!last || page.members.length < membersAtOnce) return;
    page = await toRedis(stores.feeds.audiences.members(nameOf(stores, one), last.joined, membersAtOnce));
    if (!page) throw new FeedWriteRefusedError('Redis has lost an audience');
  }
};

/** Drops members whose feeds are not held. */
export const dropMembers = async (
  stores: AudienceStores,
  one: AudienceOf,
  gone: readonly AudienceMember[],
): Promise<void> => {
  if (gone.length > 0) await toRedis(stores.feeds.audiences.drop(nameOf(stores, one), gone));
};

/** Lets the held feeds of all followers join. */
const buildAudiences = async (stores: AudienceStores, audiences: readonly AudienceOf[]): Promise<void> => {
  const { documents, feeds } = stores;
  const build = await toRedis(feeds.audiences.beginBuild(audiences.map((one) => nameOf(stores, one))));
  const building = new Set(build.audiences);
  const authors = new Set(
    audiences.flatMap((one) => (building.has(nameOf(stores, one)) ? [one.author] : [])),
  );
  const all = [...authors];
  const chunks = Array.from({ length: Math.ceil(all.length / authorsAtOnce) }, (_, i) =>
    all.slice(i * authorsAtOnce, (i + 1) * authorsAtOnce),
  );
  await forEachConcurrently(chunks, readsAtOnce, async (some) => {
    for await (const follows of followsOf(documents, some)) await joinFollowers(stores, building, follows);
  });
  await toRedis(build.end());
};

const joinFollowers = async (
  stores: AudienceStores,
  building: ReadonlySet<string>,
  follows: readonly Follow[],
): Promise<void> => {
  const { feeds, epoch } = stores;
  for (const keyOf of keysOf) {
    const joining = follows.filter(({ object }) => building.has(keyOf(object, epoch)));
    if (joining.length === 0) continue;
    const held = await toRedis(feeds.whichAreHeld(joining.map(({ actor }) => keyOf(actor, epoch))));
    await joinHeld(stores, joining, keyOf, held);
  }
};

/** Lets the held feeds of these followers join the authors' audiences: by one call for each author. */
const joinHeld = async (
  { feeds, epoch }: AudienceStores,
  follows: readonly Follow[],
  keyOf: KeyOf,
  held: ReadonlyMap<string, number>,
): Promise<void> => {
  const byAudience = Map.groupBy(
    follows.filter(({ actor }) => held.has(keyOf(actor, epoch))),
    ({ object }) => keyOf(object, epoch),
  );
  await forEachConcurrently(byAudience, atOnce, ([audience, own]) =>
    toRedis(
      feeds.audiences.join(
        own.map(({ actor }) => keyOf(actor, epoch)),
        [audience],
      ),
    ),
  );
};

/** Returns the names of the feeds of a follower. */
export const feedsOf = (
  { epoch }: Pick<AudienceStores, 'epoch'>,
  { actor }: Pick<Follow, 'actor'>,
): string[] => keysOf.map((keyOf) => keyOf(actor, epoch));

/** Lets those of the followers' feeds that are held join the authors' audiences. */
export const joinAudiences = async (
  stores: AudienceStores,
  follows: readonly Follow[],
  held: ReadonlyMap<string, number>,
): Promise<void> => {
  for (const keyOf of keysOf) await joinHeld(stores, follows, keyOf, held);
};

/**
 * Lets the feeds of former followers leave the authors' audiences: by one call for each feed.
 * @returns the follows of those followers of whom a feed was in one of the audiences
 */
export const leaveAudiences = async <Ended extends Follow>(
  { feeds, epoch }: AudienceStores,
  follows: readonly Ended[],
): Promise<ReadonlySet<Ended>> => {
  const left = new Set<Ended>();
  const byFollower = Map.groupBy(follows, ({ actor }) => actor);
  await forEachConcurrently(byFollower, atOnce, async ([actor, own]) => {
    const haveLeft = await Promise.all(
      keysOf.map((keyOf) =>
        toRedis(
          feeds.audiences.leave(
            keyOf(actor, epoch),
            own.map(({ object }) => keyOf(object, epoch)),
          ),
        ),
      ),
    );
    if (haveLeft.includes(true)) for (const follow of own) left.add(follow);
  });
  return left;
};
