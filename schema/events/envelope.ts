import { z } from 'zod';

/** ISO 8601 instant in UTC with milliseconds. */
export const instant = z.iso.datetime({ precision: 3 });

/** RFC 9562: version 7 where minted fresh, version 8 where derived from an idempotency key. */
export const eventId = z.uuid();

/**
 * What every event carries around its data: CloudEvents 1.0 context attributes
 * (https://github.com/cloudevents/spec) and Rookery's extensions, whose names follow
 * the CloudEvents rule of lower-case letters and digits.
 */
export const envelope = z.strictObject({
  specversion: z.literal('1.0'),
  id: eventId,
  source: z.string().min(1).max(200),
  type: z.string().regex(/^rookery\.[a-z]+\.[a-z-]+\.v[0-9]+$/),
  /** The aggregate that the fact is about: a post's id, or a user's. */
  subject: z.uuid(),
  /** When it was accepted (occurredAt). */
  time: instant,
  datacontenttype: z.literal('application/json'),
  /** The user who did it. */
  actor: z.uuid(),
  /** The client's own key: one effect per actor and key. */
  idempotencykey: z.string().min(1).max(200).optional(),
  /** SHA-256 of the command's input: the same key with another input is a conflict. */
  inputhash: z.string().optional(),
  /** One id from the gateway to the projector's log. */
  requestid: z.string().min(1).max(200).optional(),
  /** W3C Trace Context. */
  traceparent: z.string().max(200).optional(),
  data: z.unknown(),
});

export type Envelope = z.infer<typeof envelope>;
