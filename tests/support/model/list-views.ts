import { withoutRepeats } from './friends-feeds.ts';
import { isBlocked, isEntryShown, isHeard, isMuted, isShown, isThere } from './rules.ts';
import type { Model } from './social.ts';

/* The lists of the API by the reference model, as a viewer or nobody (null) is shown them. They share no code with the product. */

export interface Asked {
  readonly users: readonly string[];
  readonly posts: readonly string[];
  /** Words, of which texts, names and handles have some. */
  readonly words: readonly string[];
}

type Viewer = string | null;
type Shown = Readonly<Record<string, unknown>>;

/** People whom a list names: they have an account, and no block hides them. */
const named = (facts: Model, viewer: Viewer, people: readonly string[]): string[] =>
  people.filter((person) => isThere(facts, person) && !isBlocked(facts, viewer, person));

/** Returns whether no block between the two authors hides that a post quotes another. */
const isQuoteOpen = (facts: Model, post: string, quoted: string): boolean => {
  const [by = '', of = ''] = [post, quoted].map((id) => facts.posts.get(id)?.author);
  return !facts.isBlocked(by, of);
};

/** Posts that come to a viewer who has not asked for each of them, newest first. */
const heardPosts = (facts: Model, viewer: Viewer, isIn: (post: string) => boolean): string[] =>
  [...facts.posts]
    .toSorted(([, a], [, b]) => b.position - a.position)
    .map(([id]) => id)
    .filter((id) => isIn(id) && isShown(facts, viewer, id) && isHeard(facts, viewer, id));

const postPage = (facts: Model, viewer: Viewer, id: string): Shown | undefined => {
  if (!isShown(facts, viewer, id)) return undefined;
  const quoted = facts.quoteOf(id);
  const isQuoteShown =
    quoted !== undefined && isShown(facts, viewer, quoted) && isQuoteOpen(facts, id, quoted);
  return {
    quoted: isQuoteShown ? quoted : undefined,
    quotes: heardPosts(facts, viewer, (post) => facts.quoteOf(post) === id && isQuoteOpen(facts, post, id)),
    hiddenReplies: heardPosts(facts, viewer, (post) => {
      const { inReplyTo, hidden } = facts.posts.get(post) ?? {};
      return inReplyTo === id && hidden === true;
    }).reverse(),
    likers: named(facts, viewer, facts.actorsOf('like', id)),
    sharers: named(facts, viewer, facts.actorsOf('share', id)),
    canReply: facts.mayReply(viewer, id),
    canQuote: facts.mayQuote(viewer, id),
  };
};

/** Pins that a profile shows. */
const maxPins = 5;

/** Asked for by id, those whom the viewer blocks are shown, so that the block can be ended. */
const isAccountShown = (facts: Model, viewer: Viewer, user: string): boolean =>
  isThere(facts, user) && (user === viewer || !facts.relations.block.has(`${user} ${viewer}`));

const userPage = (facts: Model, viewer: Viewer, id: string): Shown | undefined => {
  const user = facts.users.get(id);
  if (!user || !isAccountShown(facts, viewer, id)) return undefined;
  const isOpen = !isBlocked(facts, viewer, id);
  const { handle, name, bio } = user;
  return {
    ...{ handle, name, bio },
    followers: isOpen ? named(facts, viewer, facts.actorsOf('follow', id)) : [],
    following: isOpen ? named(facts, viewer, facts.objectsOf('follow', id)) : [],
    pins: isOpen
      ? facts
          .objectsOf('pin', id)
          .slice(0, maxPins)
          .filter((post) => facts.posts.get(post)?.author === id && isShown(facts, viewer, post))
      : [],
  };
};

/** Returns the words of a text, of which hashtags have a sign. */
const wordsOf = (text: string | null): string[] => (text ?? '').toLowerCase().replaceAll('#', '').split(' ');

/** The one who signed up first has a handle for which there are several in a history that no command made. */
const calledInModel = (facts: Model, viewer: Viewer, word: string): string | undefined => {
  const first = facts.joined.find((user) => facts.users.get(user)?.handle === word);
  return first !== undefined && isAccountShown(facts, viewer, first) ? first : undefined;
};

const foundInModel = (facts: Model, viewer: Viewer, query: string): Shown => {
  const hasAll = (text: string | null): boolean => {
    const words = wordsOf(text);
    return query.split(' ').every((word) => words.includes(word));
  };
  const people = facts.joined.filter((user) => {
    const { name = '', handle = '' } = facts.users.get(user) ?? {};
    return hasAll(`${name} ${handle}`);
  });
  return {
    [`posts that say ${query}`]: heardPosts(
      facts,
      viewer,
      (post) => facts.isSearched(post) && hasAll(facts.posts.get(post)?.body ?? null),
    ),
    [`people called ${query}`]: named(facts, viewer, people),
  };
};

/** The feed of a list of accounts, newest first, as `actor: entry`. */
const listFeedInModel = (facts: Model, viewer: string, members: readonly string[]): string[] => {
  const seen = facts.itemsOf(new Set(members)).filter(({ actor, entry }) => {
    const [, post = ''] = entry.split(' ');
    const isUnmuted = !isMuted(facts, viewer, actor) && !facts.mutesThread(viewer, post);
    return isUnmuted && isHeard(facts, viewer, post) && isEntryShown(facts, viewer, actor, entry);
  });
  return withoutRepeats(seen, ({ entry }) => entry).map(({ actor, entry }) => `${actor}: ${entry}`);
};

/** Pages that nobody but the viewer can read. */
const privatePages = (facts: Model, viewer: string): Shown => ({
  lists: facts.lists(viewer).map(({ id, name, members }) => ({
    ...{ id, name },
    members: named(facts, viewer, members),
    feed: listFeedInModel(facts, viewer, members),
  })),
  bookmarks: facts.objectsOf('bookmark', viewer).filter((post) => isShown(facts, viewer, post)),
  blocked: facts.objectsOf('block', viewer).filter((user) => isThere(facts, user)),
  muted: facts.objectsOf('mute', viewer).filter((user) => isThere(facts, user)),
  mutedWords: facts.mutedWords(viewer).sort(),
  readUpTo: {
    'friends-feed': facts.readUpTo(viewer, 'friends-feed'),
    notifications: facts.readUpTo(viewer, 'notifications'),
  },
  reports: facts
    .reportsBy(viewer)
    .map(({ object, about, category, outcome }) => `${about} ${object} ${category}: ${outcome}`),
});

/** Pages for moderators alone. */
const moderatorsPages = (facts: Model): Shown => ({
  openReports: facts.openReports().map(({ object, reporters }) => `${object} by ${reporters}`),
  moderationLog: facts.moderationLog(),
});

/** Returns the lists that a person, or nobody (null), is shown, by name. */
export const listsInModel = (facts: Model, viewer: Viewer, { users, posts, words }: Asked): Shown => ({
  ...Object.fromEntries(posts.map((id) => [`post ${id}`, postPage(facts, viewer, id)])),
  ...Object.fromEntries(users.map((id) => [`user ${id}`, userPage(facts, viewer, id)])),
  ...Object.fromEntries(words.map((word) => [`called ${word}`, calledInModel(facts, viewer, word)])),
  ...Object.fromEntries(
    words.map((word) => [
      `posts with #${word}`,
      heardPosts(facts, viewer, (post) => facts.posts.get(post)?.hashtags.includes(word) === true),
    ]),
  ),
  ...Object.assign(
    {},
    ...[...words, words.slice(0, 2).join(' ')].map((query) => foundInModel(facts, viewer, query)),
  ),
  ...(viewer === null ? {} : { ...privatePages(facts, viewer), ...moderatorsPages(facts) }),
});
