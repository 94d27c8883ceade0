import { z } from 'zod';

/** ISO 8601 instant at which a mute ends by itself. Absent: it stays until it is taken back. */
export const muteUntil = z.iso.datetime({ precision: 3 }).optional();
