import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

/** The header, and the key in a subscription's extensions, in which the gateway says for whom it asks. */
export const gatewayHeader = 'x-rookery-gateway';

/** Value of the same header in an answer: the subgraph did not accept the stamp. */
export const stampRefused = 'refused';

const stamp = z.strictObject({
  /** The signed-in user's id; null for an anonymous request. */
  viewer: z.uuid().nullable(),
  /** Of the token by which the viewer is signed in; times in milliseconds since the epoch. */
  session: z
    .strictObject({ id: z.string().max(200).nullable(), issuedAt: z.number(), expiresAt: z.number() })
    .optional(),
  /** One id from the gateway to the projector's log. */
  requestId: z.string().min(1).max(200),
  /** Activities of the viewer that the answer must reflect. */
  readAfter: z.array(z.uuid()).max(50),
  /** When it was signed, in milliseconds since the epoch. */
  at: z.number(),
});

/** What the gateway vouches for with each request to a subgraph. */
export type GatewayStamp = Omit<z.infer<typeof stamp>, 'at'>;

/** Generous on purpose: it bounds the replay of a captured header, yet clocks that are hours apart still work. */
const maxAge = 12 * 3600 * 1000;

const mac = (secret: string, text: string): Buffer => createHmac('sha256', secret).update(text).digest();

/** Signs by HMAC-SHA-256: `base64url(JSON).base64url(MAC)`. */
export const signStamp = (secret: string, value: GatewayStamp, now = Date.now()): string => {
  const body = Buffer.from(JSON.stringify({ ...value, at: now })).toString('base64url');
  return `${body}.${mac(secret, body).toString('base64url')}`;
};

/** The stamp, or undefined where it was not made with this secret or is too old. */
export const verifyStamp = (secret: string, text: unknown, now = Date.now()): GatewayStamp | undefined => {
  if (typeof text !== 'string') return undefined;
  const [body = '', signature = ''] = text.split('.');
  const given = Buffer.from(signature, 'base64url');
  const wanted = mac(secret, body);
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return undefined;
  const read = stamp.safeParse(JSON.parse(Buffer.from(body, 'base64url').toString('utf8')));
  if (!read.success || Math.abs(now - read.data.at) > maxAge) return undefined;
  const { at: _at, ...value } = read.data;
  return value;
};
