import { badInput } from '@rookery/graphql-server';
import { toNamedHashtag } from '@rookery/read-models';
import { derivedId } from '@rookery/runtime';
import { eventKinds } from '@rookery/schema/events';
import { z } from 'zod';
import { id, moderationText } from '../input.ts';
import { defineCommand, mustBeThere } from './command.ts';
import { moderate } from './moderation-scope.ts';

const hiding = (emits: typeof eventKinds.postHidden | typeof eventKinds.postUnhidden) =>
  defineCommand({
    emits,
    scope: moderate,
    input: z.object({ postId: id, reason: moderationText }),
    // Moderators act on what they may not see by themselves, such as a post for others that was reported.
    lookUp: ({ postId }, lookup) => lookup.anyPost(postId),
    decide: ({ input: { postId, reason }, known }) => {
      mustBeThere('Post', known);
      return { name: emits.name, subject: postId, data: { reason } };
    },
    payload: () => ({}),
  });

export const hidePost = hiding(eventKinds.postHidden);
export const unhidePost = hiding(eventKinds.postUnhidden);

const suspension = (
  emits: typeof eventKinds.userSuspended | typeof eventKinds.userUnsuspended,
  change: 'suspend' | 'unsuspend',
) =>
  defineCommand({
    emits,
    scope: moderate,
    input: z.object({ userId: id, reason: moderationText }),
    lookUp: ({ userId }, lookup) => lookup.account(userId),
    decide: ({ actor, input: { userId, reason }, known }) => {
      if (userId === actor) throw badInput('userId', 'You cannot suspend yourself.');
      mustBeThere('User', known);
      return { name: emits.name, subject: userId, data: { reason } };
    },
    before: async (event, sessions) => void (await sessions[change](event.subject, event)),
    payload: () => ({}),
  });

export const suspendUser = suspension(eventKinds.userSuspended, 'suspend');
export const unsuspendUser = suspension(eventKinds.userUnsuspended, 'unsuspend');

const hashtag = z.string().transform((text, context) => {
  const hashtag = toNamedHashtag(text);
  if (hashtag !== undefined) return hashtag;
  context.addIssue({ code: 'custom', message: 'must be a hashtag' });
  return z.NEVER;
});

const barring = (emits: typeof eventKinds.hashtagBarred | typeof eventKinds.hashtagAllowed) =>
  defineCommand({
    emits,
    scope: moderate,
    input: z.object({ name: hashtag, reason: moderationText }),
    // A hashtag can be barred before anybody uses it.
    lookUp: async () => undefined,
    decide: ({ input: { name, reason } }) => ({
      name: emits.name,
      subject: derivedId('hashtag', name),
      data: { hashtag: name, reason },
    }),
    payload: () => ({}),
  });

export const barHashtag = barring(eventKinds.hashtagBarred);
export const allowHashtag = barring(eventKinds.hashtagAllowed);
