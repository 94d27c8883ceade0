import { type Fact, kind } from './facts.ts';

/** Decisions of authors about their threads and quotes, for the model of histories. */

/** Post → author of its thread → whether that author has last hidden it from the thread, or has shown it. */
export const hidingsOf = (facts: readonly Fact[]): ReadonlyMap<string, ReadonlyMap<string, boolean>> => {
  const threadAuthors = new Map<string, string>();
  for (const { event } of facts) {
    const { threadAuthor } = (event.data ?? {}) as { threadAuthor?: string };
    if (threadAuthor !== undefined) threadAuthors.set(event.id, threadAuthor);
  }
  const hidings = new Map<string, Map<string, boolean>>();
  for (const fact of facts) {
    const { actor, subject, data } = fact.event;
    if (kind(fact) !== 'reply-hidden' && kind(fact) !== 'reply-unhidden') continue;
    const author = threadAuthors.get(subject);
    const isUnchecked = (data as { unchecked?: true }).unchecked === true;
    if (author === undefined ? isUnchecked : author !== actor) continue;
    const own = hidings.get(subject) ?? new Map();
    hidings.set(subject, own.set(actor, kind(fact) === 'reply-hidden'));
  }
  return hidings;
};

/** Returns the replies that were accepted although nobody could ask whether their authors may reply, with their threads. */
export const uncheckedRepliesOf = (facts: readonly Fact[]): ReadonlyMap<string, string> => {
  const published = facts.filter((fact) => kind(fact) === 'published');
  const threads = new Map(
    published.map(({ event }) => {
      const { thread, inReplyTo } = event.data as { thread?: string; inReplyTo?: string };
      return [event.id, thread ?? inReplyTo ?? event.id];
    }),
  );
  return new Map(
    published.flatMap(({ event }): [string, string][] => {
      const { unchecked, thread, inReplyTo } = event.data as {
        readonly unchecked?: true;
        readonly thread?: string;
        readonly inReplyTo?: string;
      };
      if (!unchecked || inReplyTo === undefined) return [];
      return [[event.id, thread ?? threads.get(inReplyTo) ?? inReplyTo]];
    }),
  );
};

/** A post that another quotes, with its author if that author was known. */
export interface Quote {
  readonly quoted: string;
  readonly author: string | undefined;
  /** True while the author consents. */
  readonly isInForce: boolean;
}

/** Returns the quotes of posts. A revocation holds for good, also if the clocks say that it came first. */
export const quotesOf = (facts: readonly Fact[]): ReadonlyMap<string, Quote> => {
  const revoked = new Set(
    facts.flatMap((fact) =>
      kind(fact) === 'quote-revoked' ? [`${fact.event.actor} ${fact.event.subject}`] : [],
    ),
  );
  const quotes = new Map<string, Quote>();
  for (const { event } of facts) {
    if (!event.type.startsWith('rookery.post.published')) continue;
    const { quoted, quotedAuthor: author } = event.data as { quoted?: string; quotedAuthor?: string };
    if (quoted === undefined) continue;
    const isInForce = author !== undefined && !revoked.has(`${author} ${event.id}`);
    quotes.set(event.id, { quoted, author, isInForce });
  }
  return quotes;
};

/** Returns the policies of posts. @param field of the events that has the policy */
const policiesOf = (
  facts: readonly Fact[],
  posts: ReadonlyMap<string, { readonly author: string }>,
  field: 'replies' | 'quotes',
): ReadonlyMap<string, string> => {
  const policies = new Map<string, string>();
  const note = (post: string, data: { readonly [field: string]: string }): void => {
    const policy = data[field];
    if (policy !== undefined) policies.set(post, policy);
  };
  for (const { event } of facts)
    if (event.type.startsWith('rookery.post.published')) note(event.id, event.data as Record<string, string>);
  for (const fact of facts)
    if (kind(fact) === 'policy-set' && posts.get(fact.event.subject)?.author === fact.event.actor)
      note(fact.event.subject, fact.event.data as Record<string, string>);
  return policies;
};

/** Consents that depend on who asks. */
export interface Consents {
  /** The author's last word on who may quote a post. */
  quotePolicy(post: string): string;
  /** The author's last word on who may reply in the thread that a post begins. */
  replyPolicy(post: string): string;
  /** Returns whether a person may reply in the thread that a post begins, blocks aside. */
  mayReplyIn(person: string, first: string): boolean;
  /** Returns whether a person, or nobody (null), may reply in the thread of a post, blocks aside. */
  mayReply(viewer: string | null, post: string): boolean;
  /** Returns whether a person, or nobody (null), may quote a post that they see. */
  mayQuote(viewer: string | null, post: string): boolean;
}

interface Network {
  readonly posts: ReadonlyMap<string, { readonly author: string; readonly thread: string }>;
  /** Returns whether a viewer is among the followers for whom posts of a person are. */
  follows(viewer: string | null, person: string): boolean;
  /** Returns whether one person follows another at all. */
  hasFollowed(one: string, other: string): boolean;
  hasMentioned(post: string, person: string): boolean;
  /** Returns whether a post is for everybody. */
  isForAll(post: string): boolean;
}

export const consentsOf = (
  facts: readonly Fact[],
  { posts, follows, hasFollowed, hasMentioned, isForAll }: Network,
): Consents => {
  const replies = policiesOf(facts, posts, 'replies');
  const quotes = policiesOf(facts, posts, 'quotes');
  const replyPolicy = (post: string): string => replies.get(post) ?? 'EVERYONE';
  const quotePolicy = (post: string): string => quotes.get(post) ?? 'EVERYONE';
  const mayReplyIn = (person: string, first: string): boolean => {
    const author = posts.get(first)?.author;
    if (author === undefined || author === person) return true;
    const policy = replyPolicy(first);
    if (policy === 'FOLLOWERS') return follows(person, author);
    if (policy === 'FOLLOWED') return hasFollowed(author, person);
    return policy === 'EVERYONE' || (policy === 'MENTIONED' && hasMentioned(first, person));
  };
  return {
    replyPolicy,
    quotePolicy,
    mayReplyIn,
    mayReply: (viewer, post) => viewer !== null && mayReplyIn(viewer, posts.get(post)?.thread ?? ''),
    mayQuote: (viewer, post) => {
      const author = posts.get(post)?.author;
      if (viewer === null || author === undefined) return false;
      if (author === viewer) return true;
      const policy = quotePolicy(post);
      const isMeant = policy === 'EVERYONE' || (policy === 'FOLLOWERS' && follows(viewer, author));
      return isMeant && isForAll(post);
    },
  };
};
