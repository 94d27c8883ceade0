import { withoutRepeats } from './friends-feeds.ts';
import { type Asked, listsInModel } from './list-views.ts';
import { isBlocked, isEntryShown, isGone, isHeard, isMuted, isShown, isThere } from './rules.ts';
import type { Model } from './social.ts';

/* Views of people by the reference model. They share no code with the product. */

/** The feed of a user as a viewer sees it, newest first. */
export const feedInModel = (facts: Model, viewer: string | null, user: string): string[] =>
  facts.ownFeed(user).filter((entry) => isEntryShown(facts, viewer, user, entry));

/** Replies to a post in its thread, oldest first: `post`, or `tombstone post` for a deleted one that was answered. */
const threadInModel = (facts: Model, viewer: string | null, post: string): string[] =>
  [...facts.posts]
    .filter(([, { inReplyTo }]) => inReplyTo === post)
    .toSorted(([, a], [, b]) => a.position - b.position)
    .flatMap(([id, { author }]) => {
      if (!facts.staysInThreadFor(viewer, id)) return [];
      if (!isGone(facts, viewer, id))
        return isShown(facts, viewer, id) && isHeard(facts, viewer, id) ? [id] : [];
      const isAnswered = (facts.sizes.replies?.(id) ?? 0) > 0;
      const isKnown = isThere(facts, author) && !isBlocked(facts, viewer, author) && facts.isFor(viewer, id);
      return isAnswered && isKnown ? [`tombstone ${id}`] : [];
    });

/** The friends feed of a viewer, newest first, as `actor: entry`. */
export const friendsFeedInModel = (facts: Model, viewer: string): string[] => {
  const seen = facts.friendsItems(viewer).filter(({ actor, entry }) => {
    const [, post = ''] = entry.split(' ');
    const isUnmuted = !isMuted(facts, viewer, actor) && !facts.mutesThread(viewer, post);
    return isUnmuted && isHeard(facts, viewer, post) && isEntryShown(facts, viewer, actor, entry);
  });
  return withoutRepeats(seen, ({ entry }) => entry).map(({ actor, entry }) => `${actor}: ${entry}`);
};

/** Newest posts and shares of a viewer among which edits of shared posts are found. */
const shareWindow = 40;

/** Groups of notifications that a viewer is shown, the newest first, as `kind object: newest actors of their number`. */
export const notificationsInModel = (facts: Model, viewer: string, list: 'MAIN' | 'OTHERS'): string[] => {
  const isHidden = (person: string) =>
    !isThere(facts, person) || facts.isBlocked(viewer, person) || isMuted(facts, viewer, person);
  const newest = new Set(facts.ownFeed(viewer).slice(0, shareWindow));
  return facts.notifications(viewer).flatMap(({ kind, object, acts }) => {
    if (kind === 'EDIT' && !newest.has(`SHARE ${object}`)) return [];
    const post = facts.posts.get(object);
    const isPostThere =
      post && !isGone(facts, viewer, object) && isThere(facts, post.author) && facts.isFor(viewer, object);
    const isKept = facts.mutesThread(viewer, object) || !isHeard(facts, viewer, object);
    if (
      !['FOLLOW', 'FOLLOW_REQUEST', 'SIGN_IN', 'REPORT_RESOLVED'].includes(kind) &&
      (!isPostThere || isKept)
    )
      return [];
    const from = facts.notifiedFrom(viewer, kind);
    const isWanted = (person: string) => {
      if (kind === 'SIGN_IN' || kind === 'REPORT_RESOLVED') return list === 'MAIN';
      const isFollowed = facts.relations.follow.has(`${viewer} ${person}`);
      if (from === 'NOBODY') return false;
      return list === 'OTHERS' ? !isFollowed : isFollowed || from === 'EVERYONE';
    };
    const actors = acts
      .filter(
        ({ reply }) =>
          reply === undefined ||
          (facts.isFor(viewer, reply) && !isGone(facts, viewer, reply) && !facts.mutesWordOf(viewer, reply)),
      )
      .map(({ actor }) => actor)
      .filter((actor) => !isHidden(actor) && isWanted(actor));
    return actors.length === 0 ? [] : [`${kind} ${object}: ${actors.slice(0, 3)} of ${actors.length}`];
  });
};

/** Hashtags that at least two people use, those with the most first, as `hashtag: people, posts`. */
const trendingInModel = (facts: Model, viewer: string | null): string[] => {
  const uses = [...facts.posts].flatMap(([id, { author }]) =>
    isShown(facts, viewer, id) && isHeard(facts, viewer, id)
      ? facts.usedIn(id).map((hashtag) => ({ hashtag, author }))
      : [],
  );
  return [...Map.groupBy(uses, ({ hashtag }) => hashtag)]
    .map(([hashtag, all]) => ({
      hashtag,
      posts: all.length,
      people: new Set(all.map((use) => use.author)).size,
    }))
    .filter(({ people, hashtag }) => people > 1 && !facts.moderated.has(`#${hashtag}`))
    .sort((a, b) => b.people - a.people || b.posts - a.posts || (a.hashtag < b.hashtag ? -1 : 1))
    .map(({ hashtag, people, posts }) => `${hashtag}: ${people}, ${posts}`);
};

/** People whom those follow whom a viewer follows, as `person number of these`. */
const suggestedInModel = (facts: Model, viewer: string): string[] => {
  const { follow } = facts.relations;
  const people = [...facts.users.keys()].filter(
    (person) =>
      isThere(facts, person) && !isBlocked(facts, viewer, person) && !isMuted(facts, viewer, person),
  );
  // A request that nobody has approved makes no friends.
  const friends = people.filter(
    (person) => follow.has(`${viewer} ${person}`) && facts.areActsFor(viewer, person),
  );
  return people
    .filter((person) => {
      const pair = `${viewer} ${person}`;
      return person !== viewer && !follow.has(pair) && !facts.requests.has(pair);
    })
    .flatMap((person) => {
      const { length } = friends.filter((friend) => follow.has(`${friend} ${person}`));
      return length === 0 ? [] : [`${person} ${length}`];
    })
    .sort();
};

/**
 * Trends, feeds, threads and lists that a person, or nobody (null), is shown, and the friends feed, suggestions and notifications of
 * a person, by name.
 */
export const seenInModel = (
  facts: Model,
  viewer: string | null,
  asked: Asked,
): Readonly<Record<string, unknown>> => ({
  trending: trendingInModel(facts, viewer),
  ...listsInModel(facts, viewer, asked),
  ...Object.fromEntries(asked.users.map((user) => [`feed of ${user}`, feedInModel(facts, viewer, user)])),
  ...Object.fromEntries(asked.posts.map((post) => [`thread of ${post}`, threadInModel(facts, viewer, post)])),
  ...(viewer === null
    ? {}
    : {
        friends: friendsFeedInModel(facts, viewer),
        suggested: suggestedInModel(facts, viewer),
        'notifications MAIN': notificationsInModel(facts, viewer, 'MAIN'),
        'notifications OTHERS': notificationsInModel(facts, viewer, 'OTHERS'),
      }),
});
