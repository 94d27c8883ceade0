import type { FeedChange } from '@rookery/feeds';
import { type ItemDoc, relationId } from '@rookery/read-models';
import type { Loaders } from './loaders.ts';
import type { Reader } from './read-store.ts';

/** Broadcasts that a read adds to a held feed. A feed that lacks more is filled again. */
const maxBroadcasts = 256;

/** Documents and loaders of a request. */
export interface ReadContext {
  readonly reader: Reader;
  readonly loaders: Loaders;
  /** Leaves work for the time after the answer. Absent: the work begins at once. */
  readonly afterAnswer?: ((work: () => void) => void) | undefined;
}

/** Broadcasts by authors whom a viewer follows. */
export interface Broadcasts {
  /** Number of broadcasts that were read, of all authors. */
  readonly count: number;
  readonly items: readonly { readonly id: string; readonly item: ItemDoc | undefined }[];
  readonly authors: readonly string[];
}

export const noBroadcasts: Broadcasts = { count: 0, items: [], authors: [] };

/**
 * Reads the broadcasts after a position that concern a viewer: one bounded page of all of them, and the relations to their
 * authors by id, so that it does not matter how many others the viewer follows.
 * @returns undefined if there are more than a held feed should catch up on
 */
export const readBroadcasts = async (
  { reader, loaders }: ReadContext,
  viewer: string,
  after: number,
): Promise<Broadcasts | undefined> => {
  const found = await reader.collection('broadcasts').page({
    where: {},
    orderBy: 'position',
    direction: 'asc',
    after,
    limit: maxBroadcasts + 1,
  });
  if (found.length > maxBroadcasts) return undefined;
  if (found.length === 0) return noBroadcasts;
  const actors = [...new Set(found.map(({ doc }) => doc.actor))];
  // Not from the loaders, which may have read before the checkpoint: what is passed by here is never looked at again.
  const relations = await reader
    .collection('follows')
    .getMany(actors.map((actor) => relationId(viewer, actor)));
  for (const [id, { doc }] of relations) loaders.follows.prime(id, doc);
  const followed = new Set(actors.filter((actor) => relations.get(relationId(viewer, actor))?.doc.active));
  const own = found.flatMap(({ id, doc }) => (followed.has(doc.actor) ? [id] : []));
  const items = await reader.collection('items').getMany(own);
  for (const [id, { doc }] of items) loaders.items.prime(id, doc);
  return {
    count: found.length,
    items: own.map((id) => ({ id, item: items.get(id)?.doc })),
    authors: [...followed],
  };
};

/** The position by which a list orders items: of their place, or of their last change. */
export type ListField = 'position' | 'changed';

/** Returns the changes that broadcasts make to a list. */
export const changesBy = (field: ListField, { items }: Broadcasts): FeedChange[] =>
  items.map(({ id, item }) => ({
    itemId: id,
    position: (field === 'changed' ? item?.changed : item?.active ? item.position : null) ?? null,
  }));
