import { type RelationName, relationId, type Shapes, shareItemId } from '@rookery/read-models';
import { newId } from '@rookery/runtime';
import { newPost, newPostItem, newRelation, newShareItem, newUser, timeOf } from './new-documents.ts';
import type { QueryWorld } from './query-world.ts';
import { untilInTime } from './stores-in-time.ts';

/** A document with its id. */
interface Identified<N extends keyof Shapes> {
  readonly id: string;
  readonly doc: Shapes[N];
}

interface PostOptions {
  readonly author: string;
  readonly inReplyTo?: string | undefined;
  readonly hashtags?: readonly string[] | undefined;
  readonly terms?: readonly string[] | undefined;
  /** True for a reply that the author of the thread has hidden. */
  readonly hidden?: true | undefined;
  /** Post that it quotes. */
  readonly quotes?: string | undefined;
}

interface ShareOptions {
  readonly actor: string;
  readonly shares: string;
}

/** A feed item, and the post that has been written for it. */
interface Written {
  readonly id: string;
  readonly actor: string;
  readonly position: number;
  readonly item: Shapes['items'];
  readonly post?: Shapes['posts'];
}

/** Writes many documents of a world, each at the next position. Raises no progress. */
export const bulkDocuments = (world: QueryWorld) => {
  const insert = async <N extends keyof Shapes>(name: N, docs: readonly Identified<N>[]): Promise<void> => {
    const atOnce = 250;
    for (let i = 0; i < docs.length; i += atOnce)
      await untilInTime(() =>
        world.documents.collection<Shapes[N]>(name).insertMany(docs.slice(i, i + atOnce)),
      );
  };
  const nextMoment = () => {
    const position = world.nextPosition();
    return { position, at: timeOf(position) };
  };
  const userOf = (id: string): Identified<'users'> => {
    const handle = `u_${id.slice(-12)}`;
    return { id, doc: newUser({ id, handle, name: 'Somebody', ...nextMoment() }) };
  };
  const postOf = ({ author, inReplyTo, hashtags, terms, hidden, quotes }: PostOptions): Written => {
    const [id, moment] = [newId(), nextMoment()];
    const post = newPost({
      id,
      author,
      inReplyTo,
      hashtags,
      terms,
      hidden,
      quotes,
      body: 'hello',
      ...moment,
    });
    const item = newPostItem({ actor: author, post: id, ...moment });
    return { id, actor: author, position: moment.position, post, item };
  };
  const shareOf = ({ actor, shares }: ShareOptions): Written => {
    const moment = nextMoment();
    const item = newShareItem({ actor, post: shares, ...moment });
    return { id: shareItemId(actor, shares), actor, position: moment.position, item };
  };
  return {
    insert,

    /** Returns the ids of new users, whom a search finds by these terms. */
    async users(count: number, terms?: readonly string[]): Promise<string[]> {
      const users = Array.from({ length: count }, () => userOf(newId()));
      await insert('users', users);
      if (terms)
        await insert(
          'people',
          users.map(({ id, doc }) => ({ id, doc: { ...doc, name: terms.join(' '), terms } })),
        );
      return users.map(({ id }) => id);
    },

    /** Relates actors to objects, in this order. */
    async relate(
      name: RelationName,
      pairs: readonly (readonly [actor: string, object: string])[],
    ): Promise<void> {
      const relationOf = ([actor, object]: readonly [string, string]) => ({
        id: relationId(actor, object),
        doc: newRelation({ actor, object, active: true, ...nextMoment() }),
      });
      await insert(name, pairs.map(relationOf));
    },

    /** Returns posts and shares, which are in the feeds of their authors, oldest first. */
    async posts(
      acts: readonly (PostOptions | ShareOptions)[],
    ): Promise<{ readonly id: string; readonly actor: string; readonly position: number }[]> {
      const written = acts.map((act) => ('shares' in act ? shareOf(act) : postOf(act)));
      await insert(
        'posts',
        written.flatMap(({ id, post }) => (post ? [{ id, doc: post }] : [])),
      );
      await insert(
        'items',
        written.map(({ id, item }) => ({ id, doc: item })),
      );
      return written.map(({ id, actor, position }) => ({ id, actor, position }));
    },
  };
};
