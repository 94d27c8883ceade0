import { z } from 'zod';

/** Most users whom one text can mention. Documents of posts hold them, so they must be few. */
const maxMentions = 50;

/** Ids of the users whom a text mentions, each once, as their handles were resolved when the text was written. */
export const mentions = z.array(z.uuid()).max(maxMentions);
