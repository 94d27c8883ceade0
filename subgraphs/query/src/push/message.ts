import { createECDH, createHash } from 'node:crypto';
import webPush from 'web-push';
import type { NotificationModel } from '../models.ts';
import type { PushSubscription } from './subscriptions.ts';

/** Keys by which push services know this server (RFC 8292). */
export interface VapidKeys {
  readonly subject: string;
  readonly publicKey: string;
  readonly privateKey: string;
}

/** Seconds for which a push service keeps a message for a browser that is offline. */
const ttlSeconds = 86_400;

/** @param privateKey 32 bytes in base64url */
export const vapidKeysOf = (privateKey: string, subject: string): VapidKeys => {
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(Buffer.from(privateKey, 'base64url'));
  return { subject, privateKey, publicKey: ecdh.getPublicKey('base64url') };
};

/** A request to a push service. */
export interface PushRequest {
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/**
 * Encrypts a message for one browser (RFC 8291). It names the group, its kind and its time, and nobody: a browser may show it later, when
 * the rules hide somebody, so it reads the notification then. The topic lets the service replace an older message of the group.
 */
export const toRequest = (
  { endpoint, keys }: PushSubscription,
  { id, kind, at }: Pick<NotificationModel, 'id' | 'kind' | 'at'>,
  vapid: VapidKeys,
): PushRequest => {
  const details = webPush.generateRequestDetails({ endpoint, keys }, JSON.stringify({ id, kind, at }), {
    vapidDetails: vapid,
    TTL: ttlSeconds,
    urgency: kind === 'SIGN_IN' ? 'high' : 'normal',
    topic: createHash('sha256').update(id).digest('base64url').slice(0, 32),
    contentEncoding: 'aes128gcm',
  });
  const headers = Object.fromEntries(
    Object.entries(details.headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );
  return { endpoint, headers, body: details.body as Buffer };
};
