import { type EventData, eventKinds } from '@rookery/schema/events';
import { z } from 'zod';
import { id } from '../input.ts';
import { defineCommand } from './command.ts';
import { itsPost } from './payload.ts';
import { mustBeAuthor } from './post-author.ts';

const pin = (emits: typeof eventKinds.postPinned | typeof eventKinds.postUnpinned) =>
  defineCommand({
    emits,
    input: z.object({ postId: id }),
    lookUp: ({ postId }, lookup) => lookup.post(postId),
    decide: ({ actor, input: { postId }, known }) => {
      mustBeAuthor(actor, known);
      return { name: emits.name, subject: postId, data: {} satisfies EventData<typeof emits.name> };
    },
    payload: itsPost,
  });

export const pinPost = pin(eventKinds.postPinned);
export const unpinPost = pin(eventKinds.postUnpinned);
