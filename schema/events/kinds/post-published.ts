import { z } from 'zod';
import { defineEvent } from '../define.ts';
import { mentions } from '../mentions.ts';
import { quotePolicies, replyPolicies } from '../post-policies.ts';

/** Audiences narrower than everybody, who is the audience of a post without `visibility`. */
const narrowVisibilities = ['FOLLOWERS', 'MENTIONED'] as const;

/** The actor published a post. The event id is the id of the post and the subject. */
export const postPublished = defineEvent({
  name: 'rookery.post.published',
  version: 1,
  verb: 'POST',
  data: z.strictObject({
    body: z.string(),
    inReplyTo: z.uuid().optional(),
    /** First post of the thread. Absent: the post that it answers, or none. */
    thread: z.uuid().optional(),
    /** Author of the first post of the thread. Absent: it is no reply, or nobody could tell. */
    threadAuthor: z.uuid().optional(),
    /** Set on a reply if nobody could ask whether the author of the thread lets the actor reply: reads decide it. */
    unchecked: z.literal(true).optional(),
    /** Absent: the text mentions nobody. */
    mentions: mentions.optional(),
    /** Absent: everybody may see it. The author always may. */
    visibility: z.enum(narrowVisibilities).optional(),
    /** People who may reply in the thread that it begins. Absent: everybody. */
    replies: z.enum(replyPolicies).optional(),
    /** The post that it quotes. */
    quoted: z.uuid().optional(),
    /** Author of the quoted post, who lets the actor quote it. Absent: nobody could tell, and the post shows no quote. */
    quotedAuthor: z.uuid().optional(),
    /** People who may quote the post. Absent: everybody. */
    quotes: z.enum(quotePolicies).optional(),
  }),
  example: { body: 'Hello.' },
});
