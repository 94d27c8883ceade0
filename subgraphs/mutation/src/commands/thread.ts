import { badInput, forbidden } from '@rookery/graphql-server';
import { type EventData, eventKinds } from '@rookery/schema/events';
import { z } from 'zod';
import { id, optional } from '../input.ts';
import { defineCommand, mustBeThere } from './command.ts';
import { itsPost } from './payload.ts';
import { mustBeAuthor } from './post-author.ts';
import { quotePolicy } from './quote-policy.ts';
import { onlyFirstDecides, replyPolicy } from './reply-policy.ts';

export const setPostPolicy = defineCommand({
  emits: eventKinds.postPolicySet,
  input: z.object({ postId: id, replyPolicy: optional(replyPolicy), quotePolicy: optional(quotePolicy) }),
  lookUp: ({ postId }, lookup) => lookup.inThread(postId),
  decide: ({ actor, input: { postId, replyPolicy, quotePolicy }, known }) => {
    mustBeAuthor(actor, known);
    if (replyPolicy === undefined && quotePolicy === undefined)
      throw badInput('input', 'There is nothing to change.');
    if (replyPolicy !== undefined && typeof known === 'object' && known.thread !== postId)
      throw onlyFirstDecides();
    const data = {
      ...(replyPolicy === undefined ? {} : { replies: replyPolicy }),
      ...(quotePolicy === undefined ? {} : { quotes: quotePolicy }),
    };
    return { name: 'rookery.post.policy-set', subject: postId, data };
  },
  payload: itsPost,
});

/** A command of the author of a thread about a reply. If nobody could tell who that is, the documents decide. */
const replyHiding = (emits: typeof eventKinds.postReplyHidden | typeof eventKinds.postReplyUnhidden) =>
  defineCommand({
    emits,
    input: z.object({ postId: id }),
    lookUp: ({ postId }, lookup) => lookup.inThread(postId),
    decide: ({ actor, input: { postId }, known }) => {
      mustBeThere('Post', known);
      const author = typeof known === 'object' ? known.threadAuthor : undefined;
      if (author !== undefined && author !== actor)
        throw forbidden('Only the author of the thread may hide a reply.', 'postId');
      if (typeof known === 'object' && known.thread === postId)
        throw badInput('postId', 'postId: only a reply can be hidden.');
      const data: EventData<typeof emits.name> = author === undefined ? { unchecked: true } : {};
      return { name: emits.name, subject: postId, data };
    },
    payload: itsPost,
  });

export const hideReply = replyHiding(eventKinds.postReplyHidden);
export const unhideReply = replyHiding(eventKinds.postReplyUnhidden);
