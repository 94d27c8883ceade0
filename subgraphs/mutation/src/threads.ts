import { type ReplyPolicy, threadOf } from '@rookery/read-models';
import type { AuthoredPost, HiddenChecks, KnownPost } from './hidden.ts';
import type { LookupResult } from './lookup.ts';

/** A post that the actor of a command may see, and its thread. */
export interface KnownInThread extends KnownPost {
  /** Id of the first post of the thread: that of the post itself, unless it is a reply. */
  readonly thread: string;
  /** Author of the first post; undefined if nobody could tell. */
  readonly threadAuthor: string | undefined;
  /** The policy of the thread if it refuses replies of the actor. */
  readonly refusedBy: ReplyPolicy | undefined;
}

interface Sources extends Pick<HiddenChecks, 'see' | 'mayReply'> {
  readonly findPost: (id: string) => Promise<LookupResult<AuthoredPost>>;
  /** Finds the first post of a thread, also if it is deleted. */
  readonly findFirst: (id: string) => Promise<LookupResult<AuthoredPost>>;
}

/** Creates a lookup of posts with what their threads say. */
export const createFindInThread =
  ({ findPost, findFirst, see, mayReply }: Sources) =>
  async (actor: string, id: string): Promise<LookupResult<KnownInThread>> => {
    const post = await findPost(id);
    if (typeof post !== 'object') return post;
    const thread = threadOf(id, post);
    const askFirst = async () => {
      const first = thread === id ? post : await findFirst(thread);
      if (typeof first !== 'object') return { threadAuthor: post.threadAuthor, refusedBy: undefined };
      const refusedBy = (await mayReply(actor, first)) ? undefined : first.replyPolicy;
      return { threadAuthor: post.threadAuthor ?? first.author, refusedBy };
    };
    const [seen, ofThread] = await Promise.all([see(actor, post), askFirst()]);
    return seen === 'absent' ? seen : { ...seen, thread, ...ofThread };
  };
