import type { MergeOf, Projection } from './define.ts';
import { relation } from './relation.ts';

const likes: MergeOf<'likes'> = {
  collection: 'likes',
  ...relation('rookery.post.liked', 'rookery.post.unliked'),
  counts: [{ kind: 'likes', field: 'object', where: { active: true } }],
  topics: ({ object }) => [`post:${object}`],
};

const shares: MergeOf<'shares'> = {
  collection: 'shares',
  ...relation('rookery.post.shared', 'rookery.post.unshared'),
  counts: [{ kind: 'shares', field: 'object', where: { active: true } }],
  topics: ({ object }) => [`post:${object}`],
};

/** Likes and shares. */
export const reactions: Projection = { name: 'reactions', merges: [likes, shares] };
