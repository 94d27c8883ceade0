import { z } from 'zod';

/** ISO 8601 instant in UTC with milliseconds. */
const instant = z.iso.datetime({ precision: 3 });

/** RFC 9562: version 7, or version 8 if derived from an idempotency key. */
const eventId = z.uuid();

/**
 * Envelope of every event: CloudEvents 1.0 context attributes (https://github.com/cloudevents/spec) and
 * extensions of Rookery, named by the CloudEvents rule of lower-case letters and digits.
 */
export const envelope = z.strictObject({
  specversion: z.literal('1.0'),
  id: eventId,
  source: z.string().min(1).max(200),
  type: z.string().regex(/^rookery\.[a-z]+\.[a-z-]+\.v[0-9]+$/),
  /** Aggregate of the event: the id of a post or of a user. */
  subject: z.uuid(),
  /** Time at which the command was accepted (occurredAt). */
  time: instant,
  datacontenttype: z.literal('application/json'),
  /** User who sent the command. */
  actor: z.uuid(),
  /** Key chosen by the client: one effect per actor and key. */
  idempotencykey: z.string().min(1).max(200).optional(),
  /** SHA-256 of the input of the command: the same key with another input is a conflict. */
  inputhash: z.string().optional(),
  /** Id of the request, used from the gateway to the log of the projector. */
  requestid: z.string().min(1).max(200).optional(),
  /** W3C Trace Context. */
  traceparent: z.string().max(200).optional(),
  data: z.unknown(),
});

export type Envelope = z.infer<typeof envelope>;
