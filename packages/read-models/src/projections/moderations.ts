import { eventKinds } from '@rookery/schema/events';
import { type Collection, defineCollection } from './define.ts';

const { postHidden, postUnhidden, userSuspended, userUnsuspended, hashtagBarred, hashtagAllowed } =
  eventKinds;

/** `moderations/<eventId>`: what a moderator has done, and why. For moderators alone. */
export interface ModerationDoc {
  readonly actor: string;
  readonly verb: 'HIDE' | 'UNHIDE' | 'SUSPEND' | 'UNSUSPEND' | 'BAR_HASHTAG' | 'ALLOW_HASHTAG';
  /** A post, a user, or the name of a hashtag. */
  readonly object: string;
  readonly reason: string;
  /** ISO 8601 instant. */
  readonly at: string;
  readonly position: number;
}

/** The log of moderation. Each entry is one event, so nothing changes it. */
export const moderations: Collection<ModerationDoc, never> = defineCollection<ModerationDoc>()({
  indexes: [
    { equal: [], order: 'position' },
    { equal: ['object'], order: 'position' },
    { equal: ['verb'], order: 'position' },
  ],
  on: [postHidden, postUnhidden, userSuspended, userUnsuspended, hashtagBarred, hashtagAllowed],
  affectedIds: ({ event }) => [event.id],
  merge: (doc, { event: { actor, verb, subject, data, time }, position }) =>
    doc ?? {
      ...{ actor, object: 'hashtag' in data ? data.hashtag : subject },
      ...{ reason: data.reason, at: time, position },
      verb: verb as ModerationDoc['verb'],
    },
  // Any feed may show the posts of the account.
  topics: ({ verb }) => (verb.endsWith('SUSPEND') ? ['moderation:accounts'] : []),
});
