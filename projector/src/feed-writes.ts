import type { Documents } from '@rookery/document-store';
import type { FeedEntry, Feeds } from '@rookery/feeds';
import { changesKey, feedKey, type ItemDoc, type RelationDoc } from '@rookery/read-models';
import { forEachConcurrently } from '@rookery/runtime';
import { followersAtOnce, followersOf } from './followers.ts';

/** Redis did not accept a feed write. */
export class FeedWriteRefusedError extends Error {
  override name = 'FeedWriteRefusedError';
}

/** Items and follows by id, as in their documents. */
export interface FeedChanges {
  readonly items: ReadonlyMap<string, ItemDoc>;
  readonly follows: ReadonlyMap<string, RelationDoc>;
}

export interface FeedWriter {
  readonly documents: Documents;
  readonly feeds: Feeds;
  /** Maximum number of items in a feed. */
  readonly cap: number;
  /** Epoch of the feeds to write. */
  readonly epoch: number;
  /** Authors whose items readers merge when they read. */
  readonly highFanOut: ReadonlySet<string>;
}

/** Number of authors, items or feeds that are processed concurrently. */
const atOnce = 4;

const byKey = <K, V>(entries: Iterable<readonly [K, V]>): Map<K, V[]> => {
  const grouped = new Map<K, V[]>();
  for (const [key, value] of entries) grouped.set(key, [...(grouped.get(key) ?? []), value]);
  return grouped;
};

/** @throws FeedWriteRefusedError on any failure */
export const toRedis = async (write: Promise<void>): Promise<void> => {
  try {
    await write;
  } catch (cause) {
    throw new FeedWriteRefusedError('Redis did not take it', { cause });
  }
};

/** Followers of each author; undefined if there are too many to notify one by one. */
export type Told = ReadonlyMap<string, readonly string[] | undefined>;

/**
 * Updates the feeds of the authors' followers: adds active items, removes inactive ones, and records the
 * changes of items.
 *
 * Followers are read in pages, so memory is bounded for any number of followers.
 *
 * @returns the followers whose feeds were written
 * @throws FeedWriteRefusedError
 */
export const writeItems = async (
  { documents, feeds, epoch, highFanOut }: FeedWriter,
  items: FeedChanges['items'],
): Promise<Told> => {
  const told = new Map<string, readonly string[] | undefined>();
  const byAuthor = byKey(
    [...items].flatMap(([itemId, { actor, position, active, changed }]) =>
      actor === null || highFanOut.has(actor)
        ? []
        : [[actor, { itemId, position: active ? position : null, changed }] as const],
    ),
  );
  await forEachConcurrently(byAuthor, atOnce, async ([author, own]) => {
    for await (const readers of followersOf(documents, author)) {
      const few = !told.has(author) && readers.length < followersAtOnce;
      told.set(author, few ? readers : undefined);
      const keys = readers.map((reader) => feedKey(reader, epoch));
      const changes = readers.map((reader) => changesKey(reader, epoch));
      await forEachConcurrently(own, atOnce, async ({ itemId, position, changed }) => {
        await toRedis(position === null ? feeds.remove(keys, itemId) : feeds.add(keys, { itemId, position }));
        if (changed !== undefined) await toRedis(feeds.add(changes, { itemId, position: changed }));
      });
    }
  });
  return told;
};

/** Returns the author's newest items, at most as many as a feed may hold. */
const newestOf = async (documents: Documents, author: string, cap: number): Promise<FeedEntry[]> => {
  const page = await documents.collection<ItemDoc>('items').page({
    where: { actor: author, active: true },
    orderBy: 'position',
    direction: 'desc',
    limit: cap,
  });
  return page.flatMap(({ id, doc }) =>
    doc.position === null ? [] : [{ itemId: id, position: doc.position }],
  );
};

/**
 * Updates the readers' feeds to the state of the follows: adds the author's items if a follow is active and
 * removes them if it is not. Items of high-fan-out authors are merged when the feed is read, so they are
 * never added, but may have to be removed.
 *
 * @throws FeedWriteRefusedError
 */
export const writeFollows = async (
  { documents, feeds, cap, epoch, highFanOut }: FeedWriter,
  follows: FeedChanges['follows'],
): Promise<void> => {
  const byAuthor = byKey(
    [...follows.values()].flatMap((follow) =>
      follow.active && highFanOut.has(follow.object) ? [] : [[follow.object, follow] as const],
    ),
  );
  await forEachConcurrently(byAuthor, atOnce, async ([author, readers]) => {
    const entries = await newestOf(documents, author, cap);
    if (entries.length === 0) return;
    await forEachConcurrently(readers, atOnce, ({ actor, active }) => {
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
};
