import { type RelationName, relationId, type Shapes } from '@rookery/read-models';
import { newId } from '@rookery/runtime';
import type { QueryWorld } from './query-world.ts';

const at = (position: number): string => new Date(1_750_000_000_000 + position * 1_000).toISOString();

/** A document with its id. */
interface Identified<N extends keyof Shapes> {
  readonly id: string;
  readonly doc: Shapes[N];
}

interface NewPost {
  readonly author: string;
  readonly inReplyTo?: string | undefined;
}

/** Writes many documents of a world, each at the next position. Raises no progress. */
export const bulkDocuments = (world: QueryWorld) => {
  const insert = async <N extends keyof Shapes>(name: N, docs: readonly Identified<N>[]): Promise<void> => {
    const atOnce = 1_000;
    for (let i = 0; i < docs.length; i += atOnce)
      await world.documents.collection<Shapes[N]>(name).insertMany(docs.slice(i, i + atOnce));
  };
  const userOf = (id: string): Identified<'users'> => {
    const position = world.nextPosition();
    const doc = {
      handle: `u_${id.slice(-12)}`,
      joinedAt: at(position),
      joinedPosition: position,
      name: 'Somebody',
      nameVersion: [at(position), id] as const,
      bio: null,
      bioVersion: null,
    };
    return { id, doc };
  };
  const postOf = ({ author, inReplyTo }: NewPost) => {
    const [id, position] = [newId(), world.nextPosition()];
    const post: Shapes['posts'] = {
      author,
      createdAt: at(position),
      position,
      inReplyTo: inReplyTo ?? null,
      body: 'hello',
      version: [at(position), id],
      revisions: {},
      deletions: {},
      deleted: false,
      editedAt: null,
    };
    const item: Shapes['items'] = {
      actor: author,
      verb: 'POST',
      post: id,
      at: at(position),
      position,
      active: true,
      version: null,
      deletions: {},
    };
    return { id, actor: author, position, post, item };
  };
  return {
    insert,

    /** Returns the ids of new users. */
    async users(count: number): Promise<string[]> {
      const ids = Array.from({ length: count }, newId);
      await insert('users', ids.map(userOf));
      return ids;
    },

    /** Relates actors to objects, in this order. */
    async relate(
      name: RelationName,
      pairs: readonly (readonly [actor: string, object: string])[],
    ): Promise<void> {
      const relationOf = ([actor, object]: readonly [string, string]) => {
        const position = world.nextPosition();
        const [since, active] = [at(position), true];
        const version = [since, newId()] as const;
        return { id: relationId(actor, object), doc: { actor, object, active, version, position, since } };
      };
      await insert(name, pairs.map(relationOf));
    },

    /** Returns posts that are in the feeds of their authors, oldest first. */
    async posts(
      posts: readonly NewPost[],
    ): Promise<{ readonly id: string; readonly actor: string; readonly position: number }[]> {
      const written = posts.map(postOf);
      await insert(
        'posts',
        written.map(({ id, post }) => ({ id, doc: post })),
      );
      await insert(
        'items',
        written.map(({ id, item }) => ({ id, doc: item })),
      );
      return written.map(({ id, actor, position }) => ({ id, actor, position }));
    },
  };
};
