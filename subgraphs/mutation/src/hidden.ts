import type { Documents } from '@rookery/document-store';
import {
  type FollowDoc,
  type MutedWordDoc,
  type PostDoc,
  relationId,
  type UserDoc,
} from '@rookery/read-models';
import {
  isForEverybody,
  isForFollowers,
  isGone,
  isHidden,
  maxMutedWords,
  mayQuote,
  mayReply,
  unrelated,
} from '@rookery/read-models/visibility';
import { isId, type Logger } from '@rookery/runtime';
import type { Blocks } from './blocks.ts';

/** A post that the actor of a command may see. */
export interface KnownPost {
  readonly author: string;
  /** True if everybody may see it. */
  readonly isForEverybody: boolean;
}

export type AuthoredPost = PostDoc & { readonly author: string };

/** Answers of the visibility rules to the actor of a command. */
export interface HiddenChecks {
  /** Returns `absent` if the rules hide the post from the actor. */
  see(actor: string, post: AuthoredPost): Promise<KnownPost | 'absent'>;
  /** Returns whether the policy of a thread lets the actor reply, by the first post of the thread. */
  mayReply(actor: string, first: AuthoredPost): Promise<boolean | 'unknown'>;
  /** Returns whether the author of a post lets the actor quote it. */
  mayQuote(actor: string, post: AuthoredPost): Promise<boolean | 'unknown'>;
  /** Returns the words that a user mutes and that have not ended. */
  mutedWordsOf(actor: string): Promise<readonly string[] | 'unknown'>;
  /** Returns the time of the last event about a follow, in milliseconds since the epoch; 0 if none is known. */
  timeOfFollow(follower: string, followed: string): Promise<number>;
}

/**
 * Creates checks that read the documents. If they do not answer, the command goes on as if nothing was hidden: reads hide
 * the one from the other all the same.
 * @param execute calls the documents by the policy of their link
 * @param patient waits longer: a quote without an answer is lost
 */
export const createHiddenChecks = (
  documents: Pick<Documents, 'collection'>,
  execute: <T>(call: () => Promise<T>) => Promise<T>,
  blocks: Pick<Blocks, 'relation'>,
  log: Logger,
  patient: { execute<T>(call: () => Promise<T>): Promise<T> },
): HiddenChecks => {
  const read = async <Doc>(collection: string, id: string, run = execute): Promise<Doc | undefined> =>
    (await run(() => documents.collection<Doc>(collection).getMany([id]))).get(id)?.doc;
  const orElse = async <T, U>(check: () => Promise<T>, unknown: U): Promise<T | U> => {
    try {
      return await check();
    } catch (error) {
      log.debug({ error }, 'documents did not say what is hidden');
      return unknown;
    }
  };

  const see = async (actor: string, post: AuthoredPost): Promise<KnownPost | 'absent'> => {
    const [relation, author] = await Promise.all([
      blocks.relation(actor, post.author),
      read<UserDoc>('users', post.author),
    ]);
    const follow = isForFollowers(post, author)
      ? await read<FollowDoc>('follows', relationId(actor, post.author))
      : undefined;
    const facts = { viewer: actor, post, author, authorRelation: { ...relation, follow } };
    return isHidden(facts) || isGone(facts)
      ? 'absent'
      : { author: post.author, isForEverybody: isForEverybody(post, author) };
  };

  const mayReplyTo = async (actor: string, first: AuthoredPost): Promise<boolean> => {
    const { author, replyPolicy } = first;
    const isNeeded = (policy: string): boolean => replyPolicy === policy && actor !== author;
    const [follow, firstAuthor, followed] = await Promise.all([
      isNeeded('FOLLOWERS') ? read<FollowDoc>('follows', relationId(actor, author)) : undefined,
      isNeeded('FOLLOWERS') ? read<UserDoc>('users', author) : undefined,
      isNeeded('FOLLOWED') ? read<FollowDoc>('follows', relationId(author, actor)) : undefined,
    ]);
    return mayReply({ viewer: actor, first, firstAuthor, follow, followed });
  };

  const mayQuoteOf = async (actor: string, post: AuthoredPost): Promise<boolean> => {
    const run = <T>(call: () => Promise<T>) => patient.execute(call);
    const isForFollowers = post.quotePolicy === 'FOLLOWERS';
    const [author, follow] = await Promise.all([
      read<UserDoc>('users', post.author, run),
      isForFollowers ? read<FollowDoc>('follows', relationId(actor, post.author), run) : undefined,
    ]);
    return mayQuote({ viewer: actor, post, author, authorRelation: { ...unrelated, follow } });
  };

  const readMutedWords = async (actor: string): Promise<readonly string[]> => {
    const found = await execute(() =>
      documents.collection<MutedWordDoc>('mutedWords').page({
        where: { actor, active: true },
        orderBy: 'ends',
        direction: 'asc',
        after: Date.now(),
        limit: maxMutedWords,
      }),
    );
    return found.map(({ doc }) => doc.word);
  };

  return {
    mutedWordsOf: (actor) => orElse(() => readMutedWords(actor), 'unknown' as const),
    mayQuote: (actor, post) => orElse(() => mayQuoteOf(actor, post), 'unknown' as const),
    mayReply: (actor, first) => orElse(() => mayReplyTo(actor, first), 'unknown' as const),
    see: async (actor, post) => {
      const visible = { author: post.author, isForEverybody: isForEverybody(post, undefined) };
      // A share of one's own shows to followers only what they may see.
      return actor === post.author ? visible : orElse(() => see(actor, post), visible);
    },
    timeOfFollow: (follower, followed) =>
      orElse(async () => {
        const id = relationId(follower, followed);
        const follow = isId(follower) ? await read<FollowDoc>('follows', id) : undefined;
        return follow ? Date.parse(follow.version[0]) : 0;
      }, 0),
  };
};
