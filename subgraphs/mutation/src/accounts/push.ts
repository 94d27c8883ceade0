import { createPublicKey } from 'node:crypto';
import type { EventStore } from '@rookery/event-store';
import { badInput, forbidden, unavailable, viewerOf } from '@rookery/graphql-server';
import type { SubgraphContext } from '@rookery/graphql-server/subgraph';
import { isPushService } from '@rookery/runtime';
import { z } from 'zod';
import { parseInput } from '../input.ts';
import type { PushTable } from './push-table.ts';

/** Lengths of the key of a browser, an uncompressed point, and of its secret (RFC 8291, section 3.2). */
const pointBytes = 65;
const secretBytes = 16;

const base64url = /^[A-Za-z0-9_-]+=*$/;
const bytesOf = (text: string): Buffer => Buffer.from(text, 'base64url');

/** Returns whether a text is a point of P-256: messages could not be encrypted for another. */
const isPoint = (text: string): boolean => {
  const point = bytesOf(text);
  if (!base64url.test(text) || point.length !== pointBytes || point[0] !== 4) return false;
  const [x, y] = [point.subarray(1, 33).toString('base64url'), point.subarray(33).toString('base64url')];
  try {
    createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x, y } });
    return true;
  } catch {
    return false;
  }
};

const p256dh = z.string().max(200).refine(isPoint, 'must be a public key of P-256 in base64url');
const auth = z
  .string()
  .max(100)
  .refine(
    (text) => base64url.test(text) && bytesOf(text).length === secretBytes,
    'must be 16 bytes in base64url',
  );
const registerPushInput = z.object({ endpoint: z.string(), keys: z.object({ p256dh, auth }) });
const unregisterPushInput = z.object({ endpoint: z.string() });

interface PushRegistration {
  readonly endpoint: string;
}

/** Registration of browsers for Web Push. It needs Postgres. */
export interface Push {
  /** @throws RookeryError BAD_USER_INPUT if the endpoint is of no push service of the settings; FORBIDDEN without a session */
  register(input: unknown, context: SubgraphContext): Promise<PushRegistration>;
  unregister(input: unknown, context: SubgraphContext): Promise<PushRegistration>;
}

export interface PushParts {
  readonly table: PushTable;
  readonly events: Pick<EventStore, 'head'>;
  readonly services: readonly string[];
}

export const createPush = ({ table, events, services }: PushParts): Push => ({
  async register(raw, context) {
    const viewer = viewerOf(context);
    const { endpoint, keys } = parseInput(registerPushInput, raw);
    if (!isPushService(endpoint, services))
      throw badInput('endpoint', 'endpoint: must be the address of a push service that this server knows.');
    const { session } = context;
    if (!session?.id) throw forbidden('This session cannot be told of anything: log in first.');
    const head = await events.head().catch(() => {
      throw unavailable();
    });
    await table.register(viewer, session.id, { endpoint, ...keys }, head);
    return { endpoint };
  },
  async unregister(raw, context) {
    const viewer = viewerOf(context);
    const { endpoint } = parseInput(unregisterPushInput, raw);
    await table.unregister(viewer, endpoint);
    return { endpoint };
  },
});
