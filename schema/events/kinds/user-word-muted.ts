import { z } from 'zod';
import { defineEvent } from '../define.ts';
import { muteUntil } from '../mute-until.ts';

/** A word, phrase or hashtag in canonical form, of which the subject is derived. */
const word = z.string();

/** The actor mutes a word, until a time or for good. The subject stands for actor and word. Only the actor ever sees it. */
export const userWordMuted = defineEvent({
  name: 'rookery.user.word-muted',
  version: 1,
  verb: 'MUTE_WORD',
  data: z.strictObject({ word, until: muteUntil }),
  example: { word: 'rook' },
});

/** The actor no longer mutes a word. */
export const userWordUnmuted = defineEvent({
  name: 'rookery.user.word-unmuted',
  version: 1,
  verb: 'UNMUTE_WORD',
  data: z.strictObject({ word }),
  example: { word: 'rook' },
});
