import { z } from 'zod';
import { defineEvent } from '../define.ts';

/** Lists in which a user has a read marker. */
const markedLists = ['friends-feed', 'notifications'] as const;

/** The actor has read one of their own lists up to a position. Only the actor ever sees it. */
export const userListRead = defineEvent({
  name: 'rookery.user.list-read',
  version: 1,
  verb: 'MARK_READ',
  data: z.strictObject({
    list: z.enum(markedLists),
    /** Position of the newest item that the actor has read. */
    upTo: z.int().min(0),
  }),
  example: { list: 'notifications', upTo: 4711 },
});
