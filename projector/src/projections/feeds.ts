import type { RecordedEvent } from '@rookery/schema/events';
import { derivedId } from '@rookery/service';
import type { ItemDoc } from '@rookery/stores/documents';
import { ofActor, only } from './by-actor.ts';
import type { MergeOf, Projection } from './define.ts';
import { applyToggle, relation } from './relation.ts';

/** A share's item: one for each actor and post, however often it is shared. */
export const shareItemId = (actor: string, post: string): string => derivedId('share', actor, post);

const follows: MergeOf<'follows'> = {
  collection: 'follows',
  ...relation('rookery.user.followed', 'rookery.user.unfollowed'),
  counts: [
    { kind: 'followers', field: 'object', where: { active: true } },
    { kind: 'following', field: 'actor', where: { active: true } },
  ],
};

/** Like a post's document: a deletion may come first, and counts only where its actor is the author. */
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
    return { ...doc, actor: event.actor, at: event.time, position, active, deletions };
  }
  if (doc.actor !== null && doc.actor !== event.actor) return doc;
  const earlier = ofActor(doc.deletions, event.actor);
  if (earlier !== undefined && earlier <= event.time) return doc;
  return { ...doc, active: false, deletions: { ...doc.deletions, [event.actor]: event.time } };
};

const mergeShare = (before: ItemDoc | undefined, recorded: RecordedEvent): ItemDoc => {
  const { event } = recorded;
  const standing = before && { ...before, since: before.at };
  const switched = applyToggle(standing, recorded, event.name === 'rookery.post.shared');
  if (before && switched === standing) return before;
  const { active, version, position, since, off, ons } = switched;
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
  };
};

const items: MergeOf<'items'> = {
  collection: 'items',

  touches({ event }) {
    switch (event.name) {
      case 'rookery.post.published':
        return [event.id];
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
    return name === 'rookery.post.published' || name === 'rookery.post.deleted'
      ? mergePost(doc, recorded, id)
      : mergeShare(doc, recorded);
  },
};

/** Who follows whom, and what stands in their feeds. */
export const feeds: Projection = { name: 'feeds', merges: [follows, items], feedsReaders: true };
