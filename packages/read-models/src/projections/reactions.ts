import { eventKinds } from '@rookery/schema/events';
import { defineProjection } from './define.ts';
import { relation } from './relation.ts';

const { postLiked, postUnliked, postShared, postUnshared } = eventKinds;

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

/** Likes and shares. */
export const reactions = defineProjection({ name: 'reactions', collections: { likes, shares } });
