import { z } from 'zod';

/** Why a moderator acts. Moderators alone can read it. */
export const reason = z.strictObject({ reason: z.string() });
