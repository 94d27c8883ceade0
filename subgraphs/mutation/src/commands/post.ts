import { forbidden } from '@rookery/graphql-server';
import { z } from 'zod';
import { body, id, optional } from '../input.ts';
import type { Known, KnownPost } from '../lookup.ts';
import { defineCommand, mustBeThere } from './command.ts';

/** An unknown author passes: the projections ignore edits and deletions by others. */
const mustBeAuthor = (actor: string, known: Known<KnownPost>): void => {
  mustBeThere('Post', known);
  if (typeof known === 'object' && known.author !== actor) {
    throw forbidden('Only its author may change a post.');
  }
};

export const publishPost = defineCommand({
  verb: 'POST',
  unordered: true,
  input: z.object({ body, inReplyTo: optional(id) }),
  lookUp: async ({ inReplyTo }, lookup) => (inReplyTo === undefined ? undefined : lookup.post(inReplyTo)),
  decide: ({ input: { body, inReplyTo }, known }) => {
    if (inReplyTo === undefined) return { name: 'rookery.post.published', data: { body } };
    if (known !== undefined) mustBeThere('Post', known);
    return { name: 'rookery.post.published', data: { body, inReplyTo } };
  },
});

export const editPost = defineCommand({
  verb: 'EDIT',
  input: z.object({ postId: id, body }),
  lookUp: ({ postId }, lookup) => lookup.post(postId),
  decide: ({ actor, input: { postId, body }, known }) => {
    mustBeAuthor(actor, known);
    return { name: 'rookery.post.edited', subject: postId, data: { body } };
  },
});

export const deletePost = defineCommand({
  verb: 'DELETE',
  unordered: true,
  input: z.object({ postId: id }),
  lookUp: ({ postId }, lookup) => lookup.post(postId),
  decide: ({ actor, input: { postId }, known }) => {
    mustBeAuthor(actor, known);
    return { name: 'rookery.post.deleted', subject: postId, data: {} };
  },
});
