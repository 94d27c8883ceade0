import { forbidden } from '@rookery/graphql-server';
import { eventKinds, readRecorded } from '@rookery/schema/events';
import { z } from 'zod';
import { body, id, optional } from '../input.ts';
import type { KnownPost, LookupResult } from '../lookup.ts';
import { defineCommand, mustBeThere } from './command.ts';
import { itemKey, itsPost } from './payload.ts';

/** An unknown author passes: the projections ignore edits and deletions by others. */
const mustBeAuthor = (actor: string, known: LookupResult<KnownPost>): void => {
  mustBeThere('Post', known);
  if (typeof known === 'object' && known.author !== actor) {
    throw forbidden('Only its author may change a post.');
  }
};

export const publishPost = defineCommand({
  emits: eventKinds.postPublished,
  unordered: true,
  input: z.object({ body, inReplyTo: optional(id) }),
  lookUp: async ({ inReplyTo }, lookup) => (inReplyTo === undefined ? undefined : lookup.post(inReplyTo)),
  decide: ({ input: { body, inReplyTo }, known }) => {
    if (inReplyTo === undefined) return { name: 'rookery.post.published', data: { body } };
    if (known !== undefined) mustBeThere('Post', known);
    return { name: 'rookery.post.published', data: { body, inReplyTo } };
  },
  payload: (envelope) => {
    const event = readRecorded(envelope);
    const isReply = event.name === 'rookery.post.published' && event.data.inReplyTo !== undefined;
    return {
      ...itsPost(envelope),
      // The item of a post has the post's id.
      feedEdge: { itemId: envelope.subject },
      replyEdge: isReply ? { replyId: envelope.subject } : null,
    };
  },
});

export const editPost = defineCommand({
  emits: eventKinds.postEdited,
  input: z.object({ postId: id, body }),
  lookUp: ({ postId }, lookup) => lookup.post(postId),
  decide: ({ actor, input: { postId, body }, known }) => {
    mustBeAuthor(actor, known);
    return { name: 'rookery.post.edited', subject: postId, data: { body } };
  },
  payload: itsPost,
});

export const deletePost = defineCommand({
  emits: eventKinds.postDeleted,
  unordered: true,
  input: z.object({ postId: id }),
  lookUp: ({ postId }, lookup) => lookup.post(postId),
  decide: ({ actor, input: { postId }, known }) => {
    mustBeAuthor(actor, known);
    return { name: 'rookery.post.deleted', subject: postId, data: {} };
  },
  payload: ({ subject }) => ({ post: null, deletedPostId: subject, removedItemKey: itemKey(subject) }),
});
