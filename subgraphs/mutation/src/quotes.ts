import type { QuotePolicy } from '@rookery/read-models';
import type { AuthoredPost, HiddenChecks, KnownPost } from './hidden.ts';
import type { LookupResult } from './lookup.ts';

/** A post that the actor of a command may see, and its quotes. */
export interface KnownWithQuotes extends KnownPost {
  /** True if the author lets the actor quote it. */
  readonly consent: boolean | 'unknown';
  readonly quotePolicy: QuotePolicy | undefined;
  /** Author of the post that it quotes; undefined if it quotes none. */
  readonly quotedAuthor: string | undefined;
}

interface Sources extends Pick<HiddenChecks, 'see' | 'mayQuote'> {
  readonly findPost: (id: string) => Promise<LookupResult<AuthoredPost>>;
}

/** Creates a lookup of posts with who may quote them, and whom they quote. */
export const createFindWithQuotes =
  ({ findPost, see, mayQuote }: Sources) =>
  async (actor: string, id: string): Promise<LookupResult<KnownWithQuotes>> => {
    const post = await findPost(id);
    if (typeof post !== 'object') return post;
    const [seen, consent] = await Promise.all([see(actor, post), mayQuote(actor, post)]);
    const { quotePolicy, quotedAuthor } = post;
    return seen === 'absent' ? seen : { ...seen, consent, quotePolicy, quotedAuthor };
  };
