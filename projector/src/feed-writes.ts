import type { AudienceMember } from '@rookery/feeds';
import { changesKey, feedKey, type ItemDoc, type RelationDoc, readerOfFeed } from '@rookery/read-models';
import { forEachConcurrently } from '@rookery/runtime';
import {
  type AudienceOf,
  type AudienceStores,
  dropMembers,
  feedsOf,
  joinAudiences,
  leaveAudiences,
  membersOf,
  readAudiences,
  readHeldAudiences,
  toRedis,
} from './audiences.ts';
import { markHighFanOut } from './high-fan-out-authors.ts';
import { newestItems } from './newest-items.ts';

/** Items and follows by id, as in their documents. */
export interface FeedChanges {
  readonly items: ReadonlyMap<string, ItemDoc>;
  readonly follows: ReadonlyMap<string, RelationDoc>;
}

export interface FeedWriter extends AudienceStores {
  /** Maximum number of items in a feed. */
  readonly cap: number;
  /** Number of held feeds from which the items of an author are broadcast. */
  readonly maxFeeds: number;
  /** Authors whose items are broadcast and not written to feeds. */
  readonly highFanOut: ReadonlySet<string>;
  /** Those of them who have just reached the limit. */
  readonly grown: ReadonlySet<string>;
  /** Broadcasts the items of these authors. */
  broadcast(items: FeedChanges['items'], authors: ReadonlySet<string>): Promise<void>;
}

/** Number of authors, items or feeds that are processed concurrently. */
const atOnce = 4;
/** Greatest number of writes to feeds for an author with few, and the number of such authors that are processed concurrently. */
const few = { writes: 50, atOnce: 64 } as const;

/** Result of writing to feeds. */
interface Written<Doc> {
  /** Documents that feeds now agree with, unless another worker has changed them. */
  readonly docs: ReadonlyMap<string, Doc>;
}

interface WrittenItems extends Written<ItemDoc> {
  /** Readers to notify. */
  readonly told: ReadonlySet<string>;
}

/** Change of one item in the feeds of an audience. */
interface ItemChange {
  readonly id: string;
  readonly doc: ItemDoc;
  /** New position in the feeds; null to remove the item. */
  readonly position: number | null;
}

interface AudienceChanges {
  readonly audience: AudienceOf;
  readonly changes: readonly ItemChange[];
}

/** Returns the changes by audience. An author who has just reached the limit has none, but readers to notify. */
const changesOf = (
  items: FeedChanges['items'],
  { highFanOut, grown }: Pick<FeedWriter, 'highFanOut' | 'grown'>,
): AudienceChanges[] => {
  const own = [...items].flatMap(([id, doc]) =>
    doc.actor === null || (highFanOut.has(doc.actor) && !grown.has(doc.actor))
      ? []
      : [{ id, doc, author: doc.actor }],
  );
  return [...Map.groupBy(own, ({ author }) => author)].flatMap(([author, all]) => {
    const isGrown = grown.has(author);
    const of = (keyOf: typeof feedKey, changes: ItemChange[]): AudienceChanges => ({
      audience: { author, keyOf },
      changes: isGrown ? [] : changes,
    });
    const changed = all.flatMap(({ id, doc }) =>
      doc.changed === undefined ? [] : [{ id, doc, position: doc.changed }],
    );
    return [
      of(
        feedKey,
        all.map(({ id, doc }) => ({ id, doc, position: doc.active ? doc.position : null })),
      ),
      ...(changed.length > 0 || isGrown ? [of(changesKey, changed)] : []),
    ];
  });
};

/**
 * Updates the held feeds of the authors' followers: adds active items, removes inactive ones, and records the
 * changes of items. It costs what the held feeds cost, and nothing for other followers. Small audiences come
 * first, and a large one is written a slice at a time, so that Redis serves others in between.
 *
 * An author with `maxFeeds` held feeds is marked: then no item is written to more feeds than that.
 *
 * @throws FeedWriteRefusedError
 */
export const writeItems = async (writer: FeedWriter, items: FeedChanges['items']): Promise<WrittenItems> => {
  const all = changesOf(items, writer);
  const audienceOf = ({ audience }: AudienceChanges): AudienceOf => audience;
  const isGrown = ({ audience }: AudienceChanges): boolean => writer.grown.has(audience.author);
  const audiences = new Map([
    ...(await readAudiences(writer, all.filter((one) => !isGrown(one)).map(audienceOf))),
    // Not built: that would read all followers, however many, for a hint. Readers who get none look by themselves.
    ...(await readHeldAudiences(writer, all.filter(isGrown).map(audienceOf))),
  ]);
  const sizeOf = ({ audience }: AudienceChanges): number => audiences.get(audience)?.size ?? 0;
  const tooMany = new Set(
    all.flatMap((one) => (sizeOf(one) >= writer.maxFeeds ? [one.audience.author] : [])),
  );
  // Durable before a write is skipped, see findHighFanOutAuthors.
  const unmarked = [...tooMany].filter((author) => !writer.highFanOut.has(author));
  await markHighFanOut(writer.documents, new Set(unmarked));
  await writer.broadcast(items, new Set(unmarked));

  const told = new Set<string>();
  const docs = new Map<string, ItemDoc>();
  const bySize = all.filter((one) => sizeOf(one) > 0).sort((a, b) => sizeOf(a) - sizeOf(b));
  const write = async ({ audience, changes }: AudienceChanges): Promise<void> => {
    const first = audiences.get(audience);
    if (!first) return;
    const mine = tooMany.has(audience.author) ? [] : changes;
    for (const { id, doc } of mine) docs.set(id, doc);
    for await (const members of membersOf(writer, audience, first)) {
      await writeSlice(writer, audience, members, mine);
      for (const { feed } of members) told.add(readerOfFeed(feed));
    }
  };
  const hasFew = (one: AudienceChanges): boolean => sizeOf(one) * one.changes.length <= few.writes;
  // Redis gets the writes for these together.
  await forEachConcurrently(bySize.filter(hasFew), few.atOnce, write);
  await forEachConcurrently(
    bySize.filter((one) => !hasFew(one)),
    atOnce,
    write,
  );
  return { docs, told };
};

/** Writes changes to some feeds of an audience, and drops those that are not held from it. */
const writeSlice = async (
  writer: FeedWriter,
  audience: AudienceOf,
  members: readonly AudienceMember[],
  changes: readonly ItemChange[],
): Promise<void> => {
  const { feeds } = writer;
  const keys = members.map(({ feed }) => feed);
  const added = changes.flatMap(({ id, position }) => (position === null ? [] : [{ itemId: id, position }]));
  const removed = changes.filter(({ position }) => position === null);
  await forEachConcurrently(removed, atOnce, ({ id }) => toRedis(feeds.remove(keys, id)));
  const gone = new Set(added.length === 0 ? [] : await toRedis(feeds.add(keys, ...added)));
  await dropMembers(
    writer,
    audience,
    members.filter(({ feed }) => gone.has(feed)),
  );
};

/**
 * Updates the readers' feeds to the state of the follows: adds the author's items if a follow is active and
 * removes them if it is not. Redis is asked once which of the feeds it holds. Nothing is read for the others, and no items that are
 * older than all that a full feed holds: if it is dropped meanwhile, its fill finds the follow. A feed also holds items of
 * high-fan-out authors, up to the position up to which its reader has read the broadcasts; it joins none of their audiences.
 *
 * @throws FeedWriteRefusedError
 */
export const writeFollows = async (
  writer: FeedWriter,
  follows: FeedChanges['follows'],
): Promise<Written<RelationDoc>> => {
  const { documents, feeds, cap, epoch, highFanOut } = writer;
  const all = [...follows.values()];
  // The feeds leave before the items are removed, and join before they are read.
  const left = await leaveAudiences(
    writer,
    all.filter(({ active }) => !active),
  );
  const held = await toRedis(feeds.whichAreHeld(all.flatMap((follow) => feedsOf(writer, follow))));
  await joinAudiences(
    writer,
    all.filter(({ active, object }) => active && !highFanOut.has(object)),
    held,
  );
  const isHeld = (follow: RelationDoc): boolean => feedsOf(writer, follow).some((feed) => held.has(feed));
  const docs = new Map([...follows].filter(([, follow]) => left.has(follow) || isHeld(follow)));
  const reached = Map.groupBy(
    all.filter(({ actor }) => held.has(feedKey(actor, epoch))),
    ({ object }) => object,
  );
  await forEachConcurrently(reached, atOnce, async ([author, some]) => {
    const floors = some.map(({ actor }) => held.get(feedKey(actor, epoch)) ?? 0);
    const entries = await newestItems(documents, author, { above: Math.min(...floors), limit: cap });
    if (entries.length === 0) return;
    await forEachConcurrently(some, atOnce, ({ actor, active }) => {
      const key = feedKey(actor, epoch);
      return toRedis(
        active
          ? feeds.merge(key, entries)
          : feeds.removeMany(
              key,
              entries.map(({ itemId }) => itemId),
            ),
      );
    });
  });
  return { docs };
};
