import type { Model } from './social.ts';

/* Rules of visibility by the reference model. They share no code with the product. */

/** Returns whether a person has an account that no moderator has suspended. */
export const isThere = (facts: Model, person: string): boolean =>
  facts.users.has(person) && !facts.moderated.has(person);

/** Returns whether a post is deleted, or hidden by a moderator from all but its author. */
export const isGone = (facts: Model, viewer: string | null, post: string): boolean => {
  const { author, deleted } = facts.posts.get(post) ?? { author: '', deleted: true };
  return deleted || (facts.moderated.has(post) && author !== viewer);
};

/** Returns whether a viewer, or nobody (null), is shown a post by its id. */
export const isShown = (facts: Model, viewer: string | null, post: string): boolean => {
  const { author } = facts.posts.get(post) ?? { author: '' };
  return (
    !isGone(facts, viewer, post) &&
    isThere(facts, author) &&
    !isBlocked(facts, viewer, author) &&
    facts.isFor(viewer, post)
  );
};

export const isBlocked = (facts: Model, viewer: string | null, person: string): boolean =>
  viewer !== null && facts.isBlocked(viewer, person);

export const isMuted = (facts: Model, viewer: string | null, person: string): boolean =>
  facts.mutesPerson(viewer, person);

/** Returns whether a post comes to a viewer who has not asked for it: neither its author nor a word of it is muted. */
export const isHeard = (facts: Model, viewer: string | null, post: string): boolean =>
  viewer === null ||
  (!isMuted(facts, viewer, facts.posts.get(post)?.author ?? '') && !facts.mutesWordOf(viewer, post));

/** Returns whether an entry of a feed is shown, by who made it. @param entry `POST post` or `SHARE post` */
export const isEntryShown = (facts: Model, viewer: string | null, actor: string, entry: string): boolean => {
  const [verb, post = ''] = entry.split(' ');
  const isActor = isThere(facts, actor) && !isBlocked(facts, viewer, actor);
  return isActor && isShown(facts, viewer, post) && (verb === 'POST' || facts.areActsFor(viewer, actor));
};
