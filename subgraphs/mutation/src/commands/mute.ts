import { badInput } from '@rookery/graphql-server';
import { toMutedWord } from '@rookery/read-models';
import { maxMutedWords } from '@rookery/read-models/visibility';
import { derivedId } from '@rookery/runtime';
import { eventKinds } from '@rookery/schema/events';
import { z } from 'zod';
import { id, optional } from '../input.ts';
import type { LookupResult } from '../lookup.ts';
import type { KnownInThread } from '../threads.ts';
import { aboutUser, anyUser } from './about-user.ts';
import { defineCommand, mustBeThere } from './command.ts';
import { itsPost, itsUser } from './payload.ts';

const until = optional(z.string());
const recordUntil = (time: string | undefined) => (time === undefined ? {} : { until: time });

export const muteUser = defineCommand({
  emits: eventKinds.userMuted,
  input: z.object({ userId: id, until }),
  lookUp: ({ userId }, lookup) => lookup.user(userId),
  decide: ({ actor, input: { userId, until }, known }) => {
    if (userId === actor) throw badInput('userId', 'You cannot mute yourself.');
    mustBeThere('User', known);
    return { name: 'rookery.user.muted', subject: userId, data: recordUntil(until) };
  },
  payload: itsUser,
});
// The list of mutes has users whom a block hides, too.
export const unmuteUser = aboutUser(eventKinds.userUnmuted, { find: anyUser, payload: itsUser });

/** Returns the first post of the thread of a post, which must be there; the post itself if nobody could tell. */
const firstOfThread = (postId: string, known: LookupResult<KnownInThread>): string => {
  mustBeThere('Post', known);
  return typeof known === 'object' ? known.thread : postId;
};

export const muteThread = defineCommand({
  emits: eventKinds.postThreadMuted,
  input: z.object({ postId: id, until }),
  lookUp: ({ postId }, lookup) => lookup.inThread(postId),
  decide: ({ input: { postId, until }, known }) => ({
    name: 'rookery.post.thread-muted',
    subject: firstOfThread(postId, known),
    data: recordUntil(until),
  }),
  payload: itsPost,
});

export const unmuteThread = defineCommand({
  emits: eventKinds.postThreadUnmuted,
  input: z.object({ postId: id }),
  lookUp: ({ postId }, lookup) => lookup.inThread(postId),
  decide: ({ input: { postId }, known }) => ({
    name: 'rookery.post.thread-unmuted',
    subject: firstOfThread(postId, known),
    data: {},
  }),
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
