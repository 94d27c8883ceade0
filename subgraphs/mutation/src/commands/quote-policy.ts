import { forbidden } from '@rookery/graphql-server';
import { eventKinds } from '@rookery/schema/events';
import type { LookupResult } from '../lookup.ts';
import type { KnownWithQuotes } from '../quotes.ts';
import { mustBeThere } from './command.ts';

export const quotePolicy = eventKinds.postPolicySet.data.shape.quotes.unwrap();

const refusalOf = ({ quotePolicy, isForEverybody }: KnownWithQuotes): string => {
  if (!isForEverybody) return 'Only a post that everybody may see can be quoted.';
  return quotePolicy === 'FOLLOWERS'
    ? 'Only followers of its author may quote this post.'
    : 'Only its author may quote this post.';
};

/**
 * Returns what the event of a post records of the post that it quotes.
 * @throws RookeryError NOT_FOUND; FORBIDDEN if the author does not let the actor quote it
 */
export const recordQuote = (quoted: string, known: LookupResult<KnownWithQuotes>) => {
  mustBeThere('Post', known);
  if (typeof known !== 'object') return { quoted };
  if (known.consent === false) throw forbidden(refusalOf(known), 'quotedPostId');
  return { quoted, ...(known.consent === true ? { quotedAuthor: known.author } : {}) };
};
