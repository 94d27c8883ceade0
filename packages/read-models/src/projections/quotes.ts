import type { EventData, RecordedEvent } from '@rookery/schema/events';

/**
 * The part of a post's document that says which post it quotes. A revocation can come before the post itself, and from somebody
 * else, so revocations are kept by actor until the post is known.
 */
export interface Quoting {
  /** The post that it has quoted when it was published. */
  readonly quoted?: string;
  /** Author of that post. */
  readonly quotedAuthor?: string;
  /** Derived: the post that it quotes, while the author of that lets it. */
  readonly quotes?: string;
  /** Actor → true if this actor has revoked the quote. */
  readonly revocations?: Readonly<Record<string, true>>;
}

type QuotingPost = Quoting & { readonly author: string | null };

/** Derives the quote that is in force, once the post is known. */
const withQuote = <Doc extends QuotingPost>(doc: Doc): Doc => {
  const { quoted, quotedAuthor, quotes: _before, revocations = {}, ...rest } = doc;
  if (doc.author === null) return doc;
  if (quoted === undefined || quotedAuthor === undefined) return rest as unknown as Doc;
  const isRevoked = revocations[quotedAuthor] === true;
  return {
    ...rest,
    ...{ quoted, quotedAuthor },
    ...(isRevoked ? { revocations: { [quotedAuthor]: true } } : { quotes: quoted }),
  } as unknown as Doc;
};

/** Notes the quote of a publication. A quote that nobody could check shows nothing: there is no consent. */
export const withQuoteOf = <Doc extends QuotingPost>(
  doc: Doc,
  { quoted, quotedAuthor }: EventData<'rookery.post.published'>,
): Doc =>
  withQuote(quoted === undefined || quotedAuthor === undefined ? doc : { ...doc, quoted, quotedAuthor });

/** Notes a revocation. Returns the given document if nothing changes. */
export const withRevocation = <Doc extends QuotingPost>(
  doc: Doc,
  { event: { actor } }: RecordedEvent,
): Doc => {
  if (doc.revocations?.[actor] || (doc.author !== null && doc.quotedAuthor !== actor)) return doc;
  return withQuote({ ...doc, revocations: { ...doc.revocations, [actor]: true } });
};
