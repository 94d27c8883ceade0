import type { Projection } from './projections.ts';
import type { CountKind, Shapes } from './shapes.ts';

/** An index: fields compared by equality, followed by the numeric field of the order. */
export interface Index {
  readonly equal: readonly string[];
  readonly order?: string;
}

/**
 * All collections of docs/explanation/read-models.md with the indexes for their reads; the id has its own index. Indexed text
 * must be short (an id, a handle): Postgres indexes at most 2,700 bytes.
 */
export const collections = {
  users: [{ equal: ['handle'], order: 'joinedPosition' }],
  posts: [
    { equal: ['inReplyTo', 'deleted'], order: 'position' },
    { equal: ['author', 'deleted'], order: 'position' },
  ],
  likes: [{ equal: ['object', 'active'], order: 'position' }],
  shares: [{ equal: ['object', 'active'], order: 'position' }],
  follows: [
    { equal: ['object', 'active'], order: 'position' },
    { equal: ['actor', 'active'], order: 'position' },
    { equal: ['actor', 'active'], order: 'ended' },
  ],
  items: [
    { equal: ['actor', 'active'], order: 'position' },
    { equal: ['post', 'active'], order: 'position' },
    { equal: ['actor'], order: 'changed' },
  ],
  counts: [],
  authors: [],
  activities: [],
  progress: [],
  generations: [],
  rebuilds: [],
} as const satisfies Record<keyof Shapes, readonly Index[]>;

export type CollectionName = keyof Shapes;

/** @throws TypeError if the collection does not exist */
export const demandCollection = (name: string): CollectionName => {
  if (!Object.hasOwn(collections, name)) throw new TypeError(`no such collection: ${name}`);
  return name as CollectionName;
};

/** The name of an index, the same on both engines. */
export const indexName = (collection: string, { equal, order }: Index): string =>
  [collection, ...equal, ...(order === undefined ? [] : [order])].join('_').toLowerCase();

/**
 * Projection of each collection, whose rebuild builds it again. Null: the collection is in the base and not
 * part of a rebuild.
 */
export const ownerOf = {
  users: 'profiles',
  posts: 'posts',
  likes: 'reactions',
  shares: 'reactions',
  follows: 'feeds',
  items: 'feeds',
  activities: 'activities',
  /**
   * By kind, see below: several projections share it, and their counts are in the generations of their
   * projections.
   */
  counts: null,
  authors: null,
  progress: null,
  generations: null,
  rebuilds: null,
} as const satisfies Record<CollectionName, Projection | null>;

/** Projection of each kind of count. */
export const ownerOfCount = {
  likes: 'reactions',
  shares: 'reactions',
  replies: 'posts',
  posts: 'posts',
  followers: 'feeds',
  following: 'feeds',
} as const satisfies Record<CountKind, Projection>;

/** The kinds of count that a projection keeps. */
export const countKindsOf = (projection: string): CountKind[] =>
  (Object.keys(ownerOfCount) as CountKind[]).filter((kind) => ownerOfCount[kind] === projection);

/** The collections that a projection keeps, without its counts. */
export const collectionsOf = (projection: string): CollectionName[] =>
  (Object.keys(ownerOf) as CollectionName[]).filter((name) => ownerOf[name] === projection);
