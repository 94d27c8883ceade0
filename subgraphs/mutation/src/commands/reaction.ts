import { forbidden } from '@rookery/graphql-server';
import { shareItemId } from '@rookery/read-models';
import { type Envelope, eventKinds, type Verb } from '@rookery/schema/events';
import { z } from 'zod';
import type { KnownPost } from '../hidden.ts';
import { id } from '../input.ts';
import type { LookupResult } from '../lookup.ts';
import { type BareName, defineCommand, mustBeThere } from './command.ts';
import { itemKey, itsPost } from './payload.ts';

/** Refuses what the actor may see but others may not. */
type Demand = (known: LookupResult<KnownPost>) => void;

const mustBeForEverybody: Demand = (known) => {
  if (typeof known === 'object' && !known.isForEverybody)
    throw forbidden('Only a post that everybody may see can be shared.');
};

/** Repeating a reaction that holds, or taking back one that doesn't, is no error: the newest fact decides. */
const reaction = <Payload extends object>(
  emits: { readonly name: BareName; readonly verb: Verb },
  payload: (event: Envelope) => Payload,
  demand: Demand = () => {},
) =>
  defineCommand({
    emits,
    input: z.object({ postId: id }),
    lookUp: ({ postId }, lookup) => lookup.post(postId),
    decide: ({ input: { postId }, known }) => {
      mustBeThere('Post', known);
      demand(known);
      return { name: emits.name, subject: postId, data: {} };
    },
    payload,
  });

export const likePost = reaction(eventKinds.postLiked, itsPost);
export const unlikePost = reaction(eventKinds.postUnliked, itsPost);
export const sharePost = reaction(
  eventKinds.postShared,
  (event) => ({ ...itsPost(event), feedEdge: { itemId: shareItemId(event.actor, event.subject) } }),
  mustBeForEverybody,
);
export const unsharePost = reaction(eventKinds.postUnshared, (event) => ({
  ...itsPost(event),
  removedItemKey: itemKey(shareItemId(event.actor, event.subject)),
}));
export const bookmarkPost = reaction(eventKinds.postBookmarked, itsPost);
export const unbookmarkPost = reaction(eventKinds.postUnbookmarked, itsPost);
