import { type ItemDoc, shareItemId } from '@rookery/read-models';
import type { RecordedEvent } from '@rookery/schema/events';
import { ofActor, only } from './by-actor.ts';
import type { MergeOf, Projection } from './define.ts';
import { applyToggle, relation } from './relation.ts';

const follows: MergeOf<'follows'> = {
  collection: 'follows',
  ...relation('rookery.user.followed', 'rookery.user.unfollowed'),
  counts: [
    { kind: 'followers', field: 'object', where: { active: true } },
    { kind: 'following', field: 'actor', where: { active: true } },
  ],
};

/** Records that this actor changed the post. Once the author is known, only the author's changes count. */
const withChange = (doc: ItemDoc, actor: string, position: number): ItemDoc => {
  if (doc.actor !== null) return position > (doc.changed ?? 0) ? { ...doc, changed: position } : doc;
  const earlier = ofActor(doc.changes ?? {}, actor) ?? 0;
  return position > earlier ? { ...doc, changes: { ...doc.changes, [actor]: position } } : doc;
};

/**
 * Merges like the document of a post: an edit or deletion may come first and counts only if its actor is the
 * author.
 */
const mergePost = (before: ItemDoc | undefined, { event, position }: RecordedEvent, id: string): ItemDoc => {
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
    const changed = ofActor(changes, event.actor);
    return changed === undefined ? published : withChange(published, event.actor, changed);
  }
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

const items: MergeOf<'items'> = {
  collection: 'items',

  affectedIds({ event }) {
    switch (event.name) {
      case 'rookery.post.published':
        return [event.id];
      case 'rookery.post.edited':
      case 'rookery.post.deleted':
        return [event.subject];
      case 'rookery.post.shared':
      case 'rookery.post.unshared':
        return [shareItemId(event.actor, event.subject)];
      default:
        return [];
    }
  },

  merge(doc, recorded, id) {
    const { name } = recorded.event;
    return name === 'rookery.post.shared' || name === 'rookery.post.unshared'
      ? mergeShare(doc, recorded)
      : mergePost(doc, recorded, id);
  },
  topics: ({ verb, changed }, id) => (verb === 'POST' && changed !== undefined ? [`text:${id}`] : []),
};

/** Follows, and the items of all feeds. */
export const feeds: Projection = { name: 'feeds', merges: [follows, items], feedsReaders: true };
