import type { Shapes } from './shapes.ts';

/** An index: the fields that are asked for by equality, then the numeric field that the answer is ordered by. */
export interface Index {
  readonly equal: readonly string[];
  readonly order?: string;
}

/**
 * Every collection of docs/design.md with the indexes that its reads need; the id has one of its own.
 * The text in an indexed field must be short (an id, a handle): Postgres indexes no more than 2,700 bytes.
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
  ],
  items: [
    { equal: ['actor', 'active'], order: 'position' },
    { equal: ['post', 'active'], order: 'position' },
  ],
  counts: [],
  authors: [],
  activities: [],
  progress: [],
} as const satisfies Record<keyof Shapes, readonly Index[]>;

export type CollectionName = keyof Shapes;

/** @throws TypeError where there is no such collection */
export const demandCollection = (name: string): CollectionName => {
  if (!Object.hasOwn(collections, name)) throw new TypeError(`no such collection: ${name}`);
  return name as CollectionName;
};

/** The name of an index, the same on both engines. */
export const indexName = (collection: string, { equal, order }: Index): string =>
  [collection, ...equal, ...(order === undefined ? [] : [order])].join('_').toLowerCase();
