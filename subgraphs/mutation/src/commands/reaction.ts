import { shareItemId } from '@rookery/read-models';
import { type Envelope, type EventData, type EventName, eventKinds, type Verb } from '@rookery/schema/events';
import { z } from 'zod';
import { id } from '../input.ts';
import { defineCommand, mustBeThere } from './command.ts';
import { itemKey, itsPost } from './payload.ts';

/** Name of an event that says everything by its kind. */
type BareName = {
  [Name in EventName]: EventData<Name> extends Record<string, never> ? Name : never;
}[EventName];

/** Repeating a reaction that holds, or taking back one that doesn't, is no error: the newest fact decides. */
const reaction = <Payload extends object>(
  emits: { readonly name: BareName; readonly verb: Verb },
  payload: (event: Envelope) => Payload,
) =>
  defineCommand({
    emits,
    input: z.object({ postId: id }),
    lookUp: ({ postId }, lookup) => lookup.post(postId),
    decide: ({ input: { postId }, known }) => {
      mustBeThere('Post', known);
      return { name: emits.name, subject: postId, data: {} };
    },
    payload,
  });

export const likePost = reaction(eventKinds.postLiked, itsPost);
export const unlikePost = reaction(eventKinds.postUnliked, itsPost);
export const sharePost = reaction(eventKinds.postShared, (event) => ({
  ...itsPost(event),
  feedEdge: { itemId: shareItemId(event.actor, event.subject) },
}));
export const unsharePost = reaction(eventKinds.postUnshared, (event) => ({
  ...itsPost(event),
  removedItemKey: itemKey(shareItemId(event.actor, event.subject)),
}));
export const bookmarkPost = reaction(eventKinds.postBookmarked, itsPost);
export const unbookmarkPost = reaction(eventKinds.postUnbookmarked, itsPost);
