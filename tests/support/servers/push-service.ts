import { createDecipheriv, createECDH, hkdfSync, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { importJWK, jwtVerify } from 'jose';

/** A message as a browser gets it. */
interface PushedMessage {
  readonly browser: string;
  readonly data: { readonly id: string; readonly kind: string; readonly at: string };
  readonly ttl: string | undefined;
  readonly topic: string | undefined;
  readonly urgency: string | undefined;
}

/** A push subscription as a browser gives it. */
interface Subscription {
  readonly endpoint: string;
  readonly keys: { readonly p256dh: string; readonly auth: string };
}

/** A push service on this machine: the receiving side of RFC 8030, 8188, 8291 and 8292, written from their texts. */
export interface PushService extends AsyncDisposable {
  readonly origin: string;
  /** In the order of their arrival. */
  readonly received: readonly PushedMessage[];
  subscribe(name: string): Subscription;
  /** Sets the statuses of the next requests for a browser; later ones get 201. */
  answer(name: string, ...statuses: number[]): void;
}

interface Receiver {
  readonly ecdh: ReturnType<typeof createECDH>;
  readonly auth: Buffer;
  readonly statuses: number[];
}

const recordHeader = 21;
const tagBytes = 16;
/** Delimiter before the padding of the last record. */
const lastRecord = 2;

/** Decrypts one record of aes128gcm (RFC 8188, section 2) with the keys of RFC 8291, section 3.4. */
const decrypt = (body: Buffer, { ecdh, auth }: Receiver): string => {
  const salt = body.subarray(0, 16);
  const end = recordHeader + (body[recordHeader - 1] ?? 0);
  const sender = body.subarray(recordHeader, end);
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), ecdh.getPublicKey(), sender]);
  const secret = Buffer.from(hkdfSync('sha256', ecdh.computeSecret(sender), auth, info, 32));
  const derive = (label: string, length: number) =>
    Buffer.from(hkdfSync('sha256', secret, salt, `Content-Encoding: ${label}\0`, length));
  const record = body.subarray(end);
  const decipher = createDecipheriv('aes-128-gcm', derive('aes128gcm', 16), derive('nonce', 12));
  decipher.setAuthTag(record.subarray(-tagBytes));
  const padded = Buffer.concat([decipher.update(record.subarray(0, -tagBytes)), decipher.final()]);
  return padded.subarray(0, padded.lastIndexOf(lastRecord)).toString();
};

/** Verifies who sends (RFC 8292). */
const verifySender = async (authorization: string, origin: string, publicKey: string): Promise<void> => {
  const [, token = '', key = ''] = /^vapid t=([^,]+), ?k=(.+)$/.exec(authorization) ?? [];
  if (key !== publicKey) throw new Error('another key');
  const point = Buffer.from(key, 'base64url');
  const [x, y] = [point.subarray(1, 33).toString('base64url'), point.subarray(33).toString('base64url')];
  const imported = await importJWK({ kty: 'EC', crv: 'P-256', x, y }, 'ES256');
  const { payload } = await jwtVerify(token, imported, { audience: origin });
  const isShort = payload.exp !== undefined && payload.exp * 1_000 <= Date.now() + 86_400_000;
  if (!payload.sub || !isShort) throw new Error('claims that a push service refuses');
};

/** @param publicKey of the server whose messages it takes, in base64url */
export const startPushService = async (publicKey: string): Promise<PushService> => {
  const receivers = new Map<string, Receiver>();
  const received: PushedMessage[] = [];
  let origin = '';

  const take = async (request: IncomingMessage): Promise<number> => {
    const browser = (request.url ?? '').slice(1);
    const receiver = receivers.get(browser);
    const body = await buffer(request);
    const { headers } = request;
    if (!receiver || request.method !== 'POST') return 404;
    const status = receiver.statuses.shift();
    if (status !== undefined && status >= 300) return status;
    if (headers['content-encoding'] !== 'aes128gcm' || body.length > 4_096) return 400;
    await verifySender(headers.authorization ?? '', origin, publicKey);
    const [ttl, topic, urgency] = [headers.ttl, headers.topic, headers.urgency].map((value) =>
      value?.toString(),
    );
    received.push({ browser, data: JSON.parse(decrypt(body, receiver)), ttl, topic, urgency });
    return ttl === undefined ? 400 : 201;
  };

  const server = createServer((request, response) => {
    take(request).then(
      (status) => response.writeHead(status).end(),
      () => response.writeHead(403).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    received,
    subscribe(name) {
      const ecdh = createECDH('prime256v1');
      ecdh.generateKeys();
      const auth = randomBytes(16);
      receivers.set(name, { ecdh, auth, statuses: [] });
      const keys = { p256dh: ecdh.getPublicKey('base64url'), auth: auth.toString('base64url') };
      return { endpoint: `${origin}/${name}`, keys };
    },
    answer(name, ...statuses) {
      receivers.get(name)?.statuses.push(...statuses);
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
