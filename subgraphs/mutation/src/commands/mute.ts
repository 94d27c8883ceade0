import { badInput } from '@rookery/graphql-server';
import { toMutedWord } from '@rookery/read-models';
import { maxMutedWords } from '@rookery/read-models/visibility';
import { derivedId } from '@rookery/runtime';
import { eventKinds } from '@rookery/schema/events';
import { z } from 'zod';
import { id, optional } from '../input.ts';
import { defineCommand, mustBeThere } from './command.ts';
import { itsPost } from './payload.ts';

const until = optional(z.string());
const recordUntil = (time: string | undefined) => (time === undefined ? {} : { until: time });

export const muteThread = defineCommand({
  emits: eventKinds.postThreadMuted,
  input: z.object({ postId: id, until }),
  lookUp: ({ postId }, lookup) => lookup.inThread(postId),
  decide: ({ input: { postId, until }, known }) => {
    mustBeThere('Post', known);
    const subject = typeof known === 'object' ? known.thread : postId;
    return { name: 'rookery.post.thread-muted', subject, data: recordUntil(until) };
  },
  payload: itsPost,
});

export const unmuteThread = defineCommand({
  emits: eventKinds.postThreadUnmuted,
  input: z.object({ postId: id }),
  lookUp: ({ postId }, lookup) => lookup.inThread(postId),
  decide: ({ input: { postId }, known }) => {
    mustBeThere('Post', known);
    const subject = typeof known === 'object' ? known.thread : postId;
    return { name: 'rookery.post.thread-unmuted', subject, data: {} };
  },
  payload: itsPost,
});

const word = z.string().transform((text, context) => {
  const word = toMutedWord(text);
  if (word !== undefined) return word;
  context.addIssue({ code: 'custom', message: 'must have 1 to 100 characters that show' });
  return z.NEVER;
});

/** Returns the id that stands for a word of a user. */
const wordId = (actor: string, word: string): string => derivedId('muted word', actor, word);
const itsWord = ({ data }: { readonly data?: unknown }) => ({
  word: (data as { readonly word: string }).word,
});

export const muteWord = defineCommand({
  emits: eventKinds.userWordMuted,
  input: z.object({ word, until }),
  lookUp: (_input, lookup) => lookup.mutedWords(),
  decide: ({ actor, input: { word, until }, known }) => {
    if (known !== 'unknown' && known.length >= maxMutedWords && !known.includes(word))
      throw badInput('word', `word: at most ${maxMutedWords} words can be muted.`);
    const data = { word, ...recordUntil(until) };
    return { name: 'rookery.user.word-muted', subject: wordId(actor, word), data };
  },
  payload: itsWord,
});

export const unmuteWord = defineCommand({
  emits: eventKinds.userWordUnmuted,
  input: z.object({ word }),
  lookUp: async () => undefined,
  decide: ({ actor, input: { word } }) => ({
    name: 'rookery.user.word-unmuted',
    subject: wordId(actor, word),
    data: { word },
  }),
  payload: itsWord,
});
