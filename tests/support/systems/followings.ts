import { relationId, type Shapes } from '@rookery/read-models';
import { newId } from '@rookery/runtime';
import type { QueryWorld } from './query-world.ts';

export interface Followings {
  /** Number of accounts that the reader follows. */
  readonly followings: number;
  /** Posts of all of them together, by each in turn. */
  readonly posts: number;
  /** True if all of them have too many followers for fan-out. */
  readonly broadcast: boolean;
}

const at = (position: number): string => new Date(1_750_000_000_000 + position * 1_000).toISOString();

/** Writes documents in bulk. */
const insert = async <N extends keyof Shapes>(
  { documents }: QueryWorld,
  name: N,
  docs: readonly { readonly id: string; readonly doc: Shapes[N] }[],
): Promise<void> => {
  const atOnce = 1_000;
  for (let i = 0; i < docs.length; i += atOnce)
    await documents.collection<Shapes[N]>(name).insertMany(docs.slice(i, i + atOnce));
};

/** Creates a reader and everybody whom the reader follows, with their posts. Does not raise the progress. */
export const readerWithFollowings = async (
  world: QueryWorld,
  { followings, posts, broadcast }: Followings,
): Promise<{ readonly reader: string; readonly authors: readonly string[] }> => {
  const reader = await world.user();
  const authors = Array.from({ length: followings }, newId);
  const user = (id: string): Shapes['users'] => {
    const position = world.nextPosition();
    const version = [at(position), id] as const;
    return {
      handle: `u_${id.slice(-12)}`,
      joinedAt: at(position),
      joinedPosition: position,
      name: 'Somebody',
      nameVersion: version,
      bio: null,
      bioVersion: null,
    };
  };
  const follow = (object: string): Shapes['follows'] => {
    const position = world.nextPosition();
    const [since, active] = [at(position), true];
    return { actor: reader, object, active, version: [since, newId()], position, since };
  };
  await insert(
    world,
    'users',
    authors.map((id) => ({ id, doc: user(id) })),
  );
  await insert(
    world,
    'follows',
    authors.map((object) => ({ id: relationId(reader, object), doc: follow(object) })),
  );
  if (broadcast)
    await insert(
      world,
      'authors',
      authors.map((id) => ({ id, doc: { big: true } })),
    );
  const written = Array.from({ length: posts }, (_, i) => ({
    id: newId(),
    actor: authors[i % authors.length] ?? '',
    position: world.nextPosition(),
  }));
  await insert(
    world,
    'posts',
    written.map(({ id, actor, position }) => ({
      id,
      doc: {
        author: actor,
        createdAt: at(position),
        position,
        inReplyTo: null,
        body: 'hello',
        version: [at(position), id],
        revisions: {},
        deletions: {},
        deleted: false,
        editedAt: null,
      },
    })),
  );
  await insert(
    world,
    'items',
    written.map(({ id, actor, position }) => ({
      id,
      doc: {
        actor,
        verb: 'POST',
        post: id,
        at: at(position),
        position,
        active: true,
        version: null,
        deletions: {},
      },
    })),
  );
  if (broadcast)
    await insert(
      world,
      'broadcasts',
      written.map(({ id, actor, position }) => ({ id, doc: { actor, position } })),
    );
  return { reader, authors };
};
