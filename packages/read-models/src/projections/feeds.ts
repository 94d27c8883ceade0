import { derivedId, isDerivedId } from '@rookery/runtime';
import { eventKinds, type RecordedEvent } from '@rookery/schema/events';
import { ofActor, only } from './by-actor.ts';
import { defineCollection, defineProjection, type Version } from './define.ts';
import { follows } from './follows.ts';
import { type Act, applyToggle } from './relation.ts';

const { postPublished, postEdited, postDeleted, postShared, postUnshared } = eventKinds;
/** Changes of a post by others than its author. */
const byOthers = [
  ...[eventKinds.postHidden, eventKinds.postUnhidden, eventKinds.postQuoteRevoked],
  ...[eventKinds.postReplyHidden, eventKinds.postReplyUnhidden],
];
const isByOthers = ({ event }: RecordedEvent): boolean => byOthers.some(({ name }) => name === event.name);

/** Returns the id of the feed item of a share: one for each actor and post, however often the post is shared. */
export const shareItemId = (actor: string, post: string): string => derivedId('share', actor, post);

/** Returns the post of a feed item if its id tells it: undefined for a share, and for a post with an id that is derived as well. */
export const postOfItemId = (id: string): string | undefined => (isDerivedId(id) ? undefined : id);

/** `items/<itemId>`: one feed item. The id of a POST is the post's; that of a SHARE is made of actor and post. */
export interface ItemDoc {
  /** Null for a post that is not published yet. */
  readonly actor: string | null;
  readonly verb: 'POST' | 'SHARE';
  readonly post: string;
  /** ISO 8601 instant. */
  readonly at: string | null;
  /** Place in every feed, newest first. Null for a post that is not published yet, and for a share that is taken back. */
  readonly position: number | null;
  readonly active: boolean;
  /** SHARE: of the newest share or unshare. Null for a POST. */
  readonly version: Version | null;
  /** POST: as in PostDoc, for a deletion can come first. Empty for a SHARE. */
  readonly deletions: Readonly<Record<string, string>>;
  /** SHARE: as in Switch. */
  readonly off?: Version;
  readonly ons?: readonly Act[];
  /**
   * Position of the last event that changed or ended the item: an edit or deletion of a POST by its author, a change by somebody
   * else (see `moderated`), or the undo of a SHARE. Absent if there is none. Live feeds find changes by it.
   */
  readonly changed?: number;
  /** POST: actor → position of the last edit or deletion; kept while the author is not known. */
  readonly changes?: Readonly<Record<string, number>>;
  /**
   * POST: position of the last event by which somebody else has changed it: a moderator or the author of its thread has hidden it or
   * shown it again, or the author of the post that it quotes has taken the quote back.
   */
  readonly moderated?: number;
  /** POST: what `changed` would be without `moderated`; absent if that is `changed`, or nothing. */
  readonly edited?: number;
}

/** Returns the position of the last edit or deletion of a post by its author; 0 if there is none. */
export const lastEditOf = ({ changed = 0, moderated, edited = 0 }: ItemDoc): number =>
  moderated === undefined ? changed : edited;

/** Derives the last change from the last edit by the author and the last change by somebody else. */
const withChanges = (
  { changed: _c, edited: _e, moderated: _m, ...doc }: ItemDoc,
  edited: number,
  moderated: number | undefined,
): ItemDoc => {
  const changed = Math.max(edited, moderated ?? 0);
  return {
    ...doc,
    ...(changed === 0 ? {} : { changed }),
    ...(moderated === undefined ? {} : { moderated, ...(edited === 0 ? {} : { edited }) }),
  };
};

/** Records that somebody else has changed the post, which feeds must hear of. The document of the post decides whether it counts. */
const withChangeByOthers = (doc: ItemDoc, position: number): ItemDoc => {
  if (position <= (doc.moderated ?? 0)) return doc;
  return doc.actor === null ? { ...doc, moderated: position } : withChanges(doc, lastEditOf(doc), position);
};

/** Records that this actor changed the post. Once the author is known, only the author's changes count. */
const withChange = (doc: ItemDoc, actor: string, position: number): ItemDoc => {
  if (doc.actor !== null) return position > lastEditOf(doc) ? withChanges(doc, position, doc.moderated) : doc;
  const earlier = ofActor(doc.changes ?? {}, actor) ?? 0;
  return position > earlier ? { ...doc, changes: { ...doc.changes, [actor]: position } } : doc;
};

/**
 * Merges like the document of a post: an edit or deletion may come first and counts only if its actor is the
 * author.
 */
const mergePost = (before: ItemDoc | undefined, recorded: RecordedEvent, id: string): ItemDoc => {
  const { event, position } = recorded;
  const doc = before ?? {
    actor: null,
    verb: 'POST',
    post: id,
    at: null,
    position: null,
    active: false,
    version: null,
    deletions: {},
  };
  if (event.name === 'rookery.post.published') {
    if (doc.actor !== null) return doc;
    const deletions = only(doc.deletions, event.actor);
    const active = ofActor(deletions, event.actor) === undefined;
    const { changes = {}, ...rest } = doc;
    const published = { ...rest, actor: event.actor, at: event.time, position, active, deletions };
    return withChanges(published, ofActor(changes, event.actor) ?? 0, doc.moderated);
  }
  if (isByOthers(recorded)) return withChangeByOthers(doc, position);
  if (doc.actor !== null && doc.actor !== event.actor) return doc;
  const noted = withChange(doc, event.actor, position);
  if (event.name === 'rookery.post.edited') return noted;
  const earlier = ofActor(doc.deletions, event.actor);
  if (earlier !== undefined && earlier <= event.time) return noted;
  return { ...noted, active: false, deletions: { ...doc.deletions, [event.actor]: event.time } };
};

const mergeShare = (before: ItemDoc | undefined, recorded: RecordedEvent): ItemDoc => {
  const { event } = recorded;
  const standing = before && {
    ...before,
    since: before.at,
    ...(before.changed === undefined ? {} : { ended: before.changed }),
  };
  const switched = applyToggle(standing, recorded, event.name === 'rookery.post.shared');
  if (before && switched === standing) return before;
  const { active, version, position, since, off, ons, ended } = switched;
  return {
    actor: event.actor,
    verb: 'SHARE',
    post: event.subject,
    at: since,
    position,
    active,
    version,
    deletions: {},
    ...(off ? { off } : {}),
    ...(ons ? { ons } : {}),
    ...(ended === undefined ? {} : { changed: ended }),
  };
};

const items = defineCollection<ItemDoc>()({
  indexes: [
    { equal: ['actor', 'active'], order: 'position' },
    // The newest of all: among them are enough of those whom somebody follows, if they are many.
    { equal: ['active'], order: 'position' },
    { equal: ['post', 'active'], order: 'position' },
    { equal: ['actor'], order: 'changed', sparse: true },
  ],
  on: [postPublished, postEdited, postDeleted, postShared, postUnshared, ...byOthers],

  affectedIds({ event }) {
    switch (event.name) {
      case 'rookery.post.published':
        return [event.id];
      case 'rookery.post.shared':
      case 'rookery.post.unshared':
        return [shareItemId(event.actor, event.subject)];
      default:
        return [event.subject];
    }
  },

  merge(doc, recorded, id) {
    const { name } = recorded.event;
    return name === 'rookery.post.shared' || name === 'rookery.post.unshared'
      ? mergeShare(doc, recorded)
      : mergePost(doc, recorded, id);
  },
  topics: ({ verb, actor, changed }, id) => {
    // Those who share a post are notified of its edits from now on.
    if (verb === 'SHARE') return [`notifications:${actor}`];
    return changed === undefined ? [] : [`text:${id}`];
  },
});

/** Follows, and the items of all feeds. */
export const feeds = defineProjection({ name: 'feeds', collections: { follows, items }, feedsReaders: true });
