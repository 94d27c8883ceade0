import { eventKinds } from '@rookery/schema/events';
import { defineProjection } from './define.ts';
import { relation } from './relation.ts';

const { postLiked, postUnliked, postShared, postUnshared, postBookmarked, postUnbookmarked } = eventKinds;

const likes = relation({
  on: postLiked,
  off: postUnliked,
  indexes: [{ equal: ['object', 'active'], order: 'position' }],
  counts: { likes: { field: 'object', where: { active: true } } },
  topics: ({ object }) => [`post:${object}`],
});

const shares = relation({
  on: postShared,
  off: postUnshared,
  indexes: [{ equal: ['object', 'active'], order: 'position' }],
  counts: { shares: { field: 'object', where: { active: true } } },
  topics: ({ object }) => [`post:${object}`],
});

/** Private: they have no count, and no live topic tells of them. */
const bookmarks = relation({
  on: postBookmarked,
  off: postUnbookmarked,
  indexes: [{ equal: ['actor', 'active'], order: 'position' }],
});

/** Only those of authors to their own posts have an effect. */
const pins = relation({
  on: eventKinds.postPinned,
  off: eventKinds.postUnpinned,
  indexes: [{ equal: ['actor', 'active'], order: 'position' }],
});

/** Relations of people to a post. */
const collections = {
  likes,
  shares,
  bookmarks,
  pins,
};

export const reactions = defineProjection({ name: 'reactions', collections });
