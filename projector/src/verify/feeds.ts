import type { Documents } from '@rookery/document-store';
import type { Feeds, HeldFeed } from '@rookery/feeds';
import { feedKey, type ItemDoc, type RelationDoc } from '@rookery/read-models';
import { readCheckpoint } from '../checkpoint.ts';
import type { Difference } from './differences.ts';
import { digest } from './digest.ts';

/** Number of follows that are read in one round trip. */
const atOnce = 1_000;

/** Yields the keys of the feeds of the current epoch in Redis, with their readers. */
export async function* heldFeeds(
  documents: Documents,
  feeds: Pick<Feeds, 'held'>,
): AsyncGenerator<{ readonly key: string; readonly reader: string }> {
  const { epoch } = await readCheckpoint(documents, 'feeds');
  const suffix = feedKey('', epoch);
  for await (const keys of feeds.held()) {
    for (const key of keys) {
      const reader = key.slice(0, key.length - suffix.length);
      if (feedKey(reader, epoch) === key && !reader.includes('.')) yield { key, reader };
    }
  }
}

const followedBy = async (rebuilt: Documents, reader: string): Promise<string[]> => {
  const follows = rebuilt.collection<RelationDoc>('follows');
  const all: string[] = [];
  for (let after: number | undefined; ; ) {
    const page = await follows.page({
      where: { actor: reader, active: true },
      orderBy: 'position',
      direction: 'asc',
      ...(after === undefined ? {} : { after }),
      limit: atOnce,
    });
    for (const { doc } of page) all.push(doc.object);
    after = page.at(-1)?.doc.position ?? undefined;
    if (page.length < atOnce || after === undefined) return all;
  }
};

export interface FeedsOptions {
  /** Live documents, for the marks of high-fan-out authors. */
  readonly documents: Documents;
  /** Documents that were rebuilt from the event store. */
  readonly rebuilt: Documents;
  /** Value of FEED_CAP. */
  readonly cap: number;
  /** Last position in the rebuilt documents. */
  readonly upTo: number;
}

/**
 * Returns the difference between a feed in Redis and the documents. Items of authors who are merged at read
 * may be present or absent at any place: they were added before the author had too many followers, and are
 * not moved since.
 */
export const feedDifference = async (
  { documents, rebuilt, cap, upTo }: FeedsOptions,
  { key, reader }: { readonly key: string; readonly reader: string },
  held: HeldFeed,
): Promise<Difference | undefined> => {
  const followed = await followedBy(rebuilt, reader);
  const highFanOut = await documents.collection('authors').getMany(followed);
  const items = rebuilt.collection<ItemDoc>('items');
  const written = followed.filter((author) => !highFanOut.has(author));
  const page =
    written.length === 0
      ? []
      : await items.page({
          where: { actor: written, active: true },
          orderBy: 'position',
          direction: 'desc',
          limit: cap,
        });
  const expected = new Map(
    page.flatMap(({ id, doc }) =>
      doc.position !== null && doc.position > held.floor ? [[id, doc.position] as const] : [],
    ),
  );
  const found = new Map(
    held.entries.flatMap(({ itemId, position }) => (position > upTo ? [] : [[itemId, position] as const])),
  );
  const more = [...found.keys()].filter((id) => !expected.has(id));
  const docs = await items.getMany(more);
  for (const [id, { doc }] of docs) {
    const position = found.get(id);
    if (doc.actor !== null && highFanOut.has(doc.actor) && position !== undefined) expected.set(id, position);
  }
  const wrong = [...new Set([...expected.keys(), ...found.keys()])].filter(
    (id) => expected.get(id) !== found.get(id),
  );
  if (wrong.length === 0) return undefined;
  return {
    projection: 'feeds',
    where: 'redis',
    id: key,
    kind: 'edited',
    live: digest([...found].sort()),
    rebuilt: digest([...expected].sort()),
    fields: wrong.map((id) =>
      found.has(id) ? (expected.has(id) ? `moved ${id}` : `added ${id}`) : `missing ${id}`,
    ),
  };
};
