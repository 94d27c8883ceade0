import { type ReplyPolicy, threadOf } from '@rookery/read-models';
import type { AuthoredPost, HiddenChecks, KnownPost } from './hidden.ts';
import type { LookupResult } from './lookup.ts';

/** A post that the actor of a command may see, and its thread. */
export interface KnownInThread extends KnownPost {
  /** Id of the first post of the thread: that of the post itself, unless it is a reply. */
  readonly thread: string;
  /** Author of the first post; undefined if nobody could tell. */
  readonly threadAuthor: string | undefined;
  /** The policy of the thread if it refuses replies of the actor; `unknown` if nobody could tell. */
  readonly refusedBy: ReplyPolicy | undefined | 'unknown';
}

interface Sources extends Pick<HiddenChecks, 'see' | 'mayReply'> {
  readonly findPost: (id: string) => Promise<LookupResult<AuthoredPost>>;
  /** Finds the first post of a thread, also if it is deleted. */
  readonly findFirst: (id: string) => Promise<LookupResult<AuthoredPost>>;
}

/** Returns what the first post of a thread says about a reply of the actor. */
const askFirst = async (
  { mayReply }: Pick<Sources, 'mayReply'>,
  actor: string,
  first: LookupResult<AuthoredPost>,
): Promise<Pick<KnownInThread, 'threadAuthor' | 'refusedBy'>> => {
  const unknown = { threadAuthor: undefined, refusedBy: 'unknown' } as const;
  if (typeof first !== 'object') return first === 'unknown' ? unknown : { ...unknown, refusedBy: undefined };
  const isLet = await mayReply(actor, first);
  const refusedBy = isLet === true ? undefined : first.replyPolicy;
  return { threadAuthor: first.author, refusedBy: isLet === 'unknown' ? isLet : refusedBy };
};

/** Creates a lookup of posts with what their threads say. */
export const createFindInThread =
  ({ findPost, findFirst, see, mayReply }: Sources) =>
  async (actor: string, id: string): Promise<LookupResult<KnownInThread>> => {
    const post = await findPost(id);
    if (typeof post !== 'object') return post;
    const thread = threadOf(id, post);
    const ask = async () => askFirst({ mayReply }, actor, thread === id ? post : await findFirst(thread));
    const [seen, { threadAuthor, refusedBy }] = await Promise.all([see(actor, post), ask()]);
    const ofThread = { thread, threadAuthor: post.threadAuthor ?? threadAuthor, refusedBy };
    return seen === 'absent' ? seen : { ...seen, ...ofThread };
  };
