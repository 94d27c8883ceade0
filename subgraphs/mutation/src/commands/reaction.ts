import type { Verb } from '@rookery/schema/events';
import { z } from 'zod';
import { id } from '../input.ts';
import { defineCommand, mustBeThere } from './command.ts';

type ReactionName =
  | 'rookery.post.liked'
  | 'rookery.post.unliked'
  | 'rookery.post.shared'
  | 'rookery.post.unshared';

/** Repeating a reaction that holds, or taking back one that doesn't, is no error: the newest fact decides. */
const reaction = (verb: Verb, name: ReactionName) =>
  defineCommand({
    verb,
    input: z.object({ postId: id }),
    lookUp: ({ postId }, lookup) => lookup.post(postId),
    decide: ({ input: { postId }, known }) => {
      mustBeThere('Post', known);
      return { name, subject: postId, data: {} };
    },
  });

export const likePost = reaction('LIKE', 'rookery.post.liked');
export const unlikePost = reaction('UNLIKE', 'rookery.post.unliked');
export const sharePost = reaction('SHARE', 'rookery.post.shared');
export const unsharePost = reaction('UNSHARE', 'rookery.post.unshared');
