import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { calculateJwkThumbprint, exportJWK, type JWTPayload, SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createGatewayVerifier,
  GatewayKeysUnavailableError,
  GatewayTokenError,
  issuer,
  operationDigest,
  sharedTokenType,
  tokenType,
} from './index.ts';

const newKey = () => generateKeyPairSync('ed25519').privateKey;
const publicJwk = async (key: KeyObject) => {
  const jwk = await exportJWK(createPublicKey(key));
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: 'EdDSA', use: 'sig' };
};

/** Signs a token; `at` is the gateway's clock, in milliseconds since the epoch. */
const signed = async (key: KeyObject, claims: JWTPayload = {}, at = Date.now(), typ = tokenType) => {
  const iat = Math.floor(at / 1_000);
  return new SignJWT({ iss: issuer, aud: 'shop', iat, exp: iat + 60, ...claims })
    .setProtectedHeader({ alg: 'EdDSA', kid: (await publicJwk(key)).kid, typ })
    .sign(key);
};

const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const bodies = ['{"query":"mutation { pay }"}', '{"query":"mutation { give }"}'] as const;
const ada = { sub: 'ada', op: operationDigest(bodies[0]) };
const ben = { sub: 'ben', op: operationDigest(bodies[1]), scope: 'write', roles: ['staff'] };

interface Together {
  readonly claims?: JWTPayload;
  readonly at?: number;
  readonly type?: string;
}

/** Signs several requests at once. @returns the signature, and the token of each request */
const together = async (
  key: KeyObject,
  requests: readonly object[],
  { claims, at, type = sharedTokenType }: Together = {},
) => {
  const texts = requests.map(base64url);
  const signature = await signed(key, { requests: texts.map(operationDigest), ...claims }, at, type);
  return { signature, tokens: texts.map((text) => `${signature}~${text}`) };
};

describe('the verifier', () => {
  let published: KeyObject[];
  let fetches: number;
  let clockOffsetMs: number;
  let server: Server;
  let keysUrl: string;
  let key: KeyObject;

  beforeEach(async () => {
    key = newKey();
    [published, fetches, clockOffsetMs] = [[key], 0, 0];
    server = createServer(async (_request, response) => {
      fetches += 1;
      const body = JSON.stringify({ keys: await Promise.all(published.map(publicJwk)) });
      response.writeHead(200, { date: new Date(Date.now() + clockOffsetMs).toUTCString() }).end(body);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    keysUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
  });
  afterEach(async () => {
    if (!server.listening) return;
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  const verifier = () => createGatewayVerifier({ keysUrl, audience: 'shop' });

  it('tells for whom the gateway asks', async () => {
    const session = { id: 's1', issuedAt: 1, expiresAt: 2 };
    const token = await signed(key, { sub: 'u1', scope: 'read write', roles: ['staff'], session });
    expect(await verifier().verify(token)).toEqual({
      viewer: 'u1',
      scopes: new Set(['read', 'write']),
      roles: new Set(['staff']),
      session,
      boundToOperation: false,
    });
    expect((await verifier().verify(await signed(key))).viewer).toBeNull();
  });

  it('fetches keys once for many requests', async () => {
    const shop = verifier();
    const token = await signed(key);
    await Promise.all(Array.from({ length: 20 }, () => shop.verify(token)));
    await shop.verify(await signed(key, { sub: 'other' }));
    expect(fetches).toBe(1);
  });

  it.each([
    ['another audience', () => signed(key, { aud: 'accounts' })],
    ['another issuer', () => signed(key, { iss: 'rookery' })],
    ['another key', () => signed(newKey())],
    ['no expiry', () => signed(key, { exp: undefined } as unknown as JWTPayload)],
    ['an expiry in the past', () => signed(key, {}, Date.now() - 120_000)],
    ['a time of issue in the future', () => signed(key, {}, Date.now() + 120_000)],
    [
      'a life of a day, issued long ago',
      () => signed(key, { exp: Date.now() / 1_000 + 86_400 }, Date.now() - 600_000),
    ],
    ['junk', async () => 'junk'],
    ['nothing', async () => undefined],
  ])('refuses %s', async (_, token) => {
    await expect(verifier().verify(await token())).rejects.toBeInstanceOf(GatewayTokenError);
  });

  it.each([
    ['token', async () => ({ token: await signed(key, { sub: 'u1' }), body: undefined })],
    [
      'token that shares its signature',
      async () => ({ token: (await together(key, [ada, ben])).tokens[0] ?? '', body: bodies[0] }),
    ],
  ])('refuses a %s with any character changed', async (_what, make) => {
    const shop = verifier();
    const { token, body } = await make();
    await shop.verify(token, body);
    const bytes = (text: string) =>
      text.split(/[.~]/).map((part) => Buffer.from(part, 'base64url').toString('hex'));
    await fc.assert(
      fc.asyncProperty(
        fc.nat(token.length - 1),
        fc.constantFrom('A', 'z', '.', '-', '~'),
        async (at, other) => {
          const forged = token.slice(0, at) + other + token.slice(at + 1);
          // The last character of unpadded base64 has bits that mean nothing: the same bytes are the same signature.
          fc.pre(bytes(forged).join() !== bytes(token).join());
          await expect(shop.verify(forged, body)).rejects.toBeInstanceOf(GatewayTokenError);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('holds a bound token for its body alone, also when it is seen again', async () => {
    const shop = verifier();
    const body = '{"query":"mutation { pay }"}';
    const token = await signed(key, { op: operationDigest(body) });
    expect((await shop.verify(token, body)).boundToOperation).toBe(true);
    for (const other of ['{"query":"mutation { payTwice }"}', undefined])
      await expect(shop.verify(token, other)).rejects.toBeInstanceOf(GatewayTokenError);
  });

  it('tells for whom the gateway asks in each of the requests that share a signature', async () => {
    const shop = verifier();
    const { tokens } = await together(key, [ada, ben]);
    for (const _time of [1, 2]) {
      const [first, second] = await Promise.all(
        tokens.map((token, request) => shop.verify(token, bodies[request])),
      );
      expect(first).toMatchObject({ viewer: 'ada', scopes: new Set(), boundToOperation: true });
      expect(second).toMatchObject({
        viewer: 'ben',
        scopes: new Set(['write']),
        roles: new Set(['staff']),
        boundToOperation: true,
      });
    }
  });

  it('holds a token that shares its signature for its body alone', async () => {
    const shop = verifier();
    const { tokens } = await together(key, [ada, ben]);
    for (const other of [bodies[1], undefined])
      await expect(shop.verify(tokens[0], other)).rejects.toBeInstanceOf(GatewayTokenError);
    expect((await shop.verify(tokens[0], bodies[0])).viewer).toBe('ada');
  });

  it.each([
    [
      'claims that it does not cover',
      async () => `${(await together(key, [ada, ben])).signature}~${base64url({ ...ada, sub: 'eve' })}`,
    ],
    [
      'claims that another signature covers',
      async () => {
        const { tokens } = await together(key, [ada, ben]);
        return `${(await together(key, [ben])).signature}~${tokens[0]?.split('~')[1]}`;
      },
    ],
    [
      'claims that are bound to no operation',
      async () => (await together(key, [{ sub: 'ada' }, ben])).tokens[0],
    ],
    [
      'claims that are no JSON',
      async () =>
        `${await signed(key, { requests: [operationDigest('e30x')] }, Date.now(), sharedTokenType)}~e30x`,
    ],
    ['no claims', async () => `${(await together(key, [ada, ben])).signature}~`],
    ['nothing else', async () => (await together(key, [ada, ben])).signature],
    ['two claims', async () => `${(await together(key, [ada, ben])).tokens[0]}~${base64url(ben)}`],
    ['no list of requests', async () => (await together(key, [ada], { claims: { requests: 1 } })).tokens[0]],
    [
      'the type of another token',
      async () => (await together(key, [ada, ben], { type: tokenType })).tokens[0],
    ],
    ['another audience', async () => (await together(key, [ada], { claims: { aud: 'accounts' } })).tokens[0]],
    ['another key', async () => (await together(newKey(), [ada, ben])).tokens[0]],
    [
      'an expiry in the past, whatever its claims say',
      async () =>
        (await together(key, [{ ...ada, exp: Date.now() }], { at: Date.now() - 120_000 })).tokens[0],
    ],
  ])('refuses a shared signature with %s', async (_what, token) => {
    const shop = verifier();
    // It remembers good ones, which changes nothing.
    const good = await together(key, [ada, ben]);
    await shop.verify(good.tokens[0], bodies[0]);
    await expect(shop.verify(await token(), bodies[0])).rejects.toBeInstanceOf(GatewayTokenError);
  });

  it('takes over a new key at once', async () => {
    const shop = verifier();
    await shop.verify(await signed(key));
    const next = newKey();
    published = [next, key];
    // The pause between two fetches is over when the new key is accepted.
    await expect
      .poll(
        async () =>
          shop.verify(await signed(next)).then(
            () => 'accepted',
            () => 'refused',
          ),
        { timeout: 5_000 },
      )
      .toBe('accepted');
    await shop.verify(await signed(key));
  });

  it.each([-7_200_000, 7_200_000])('allows for clocks %i ms apart', async (offset) => {
    clockOffsetMs = offset;
    const shop = verifier();
    await shop.verify(await signed(key, {}, Date.now() + offset));
    await expect(shop.verify(await signed(key, {}, Date.now()))).rejects.toBeInstanceOf(GatewayTokenError);
  });

  it('says so if the keys cannot be fetched, and goes on with known ones', async () => {
    const nowhere = createGatewayVerifier({ keysUrl: 'http://127.0.0.1:1/keys', audience: 'shop' });
    await expect(nowhere.verify(await signed(key))).rejects.toBeInstanceOf(GatewayKeysUnavailableError);
    const shop = verifier();
    await shop.verify(await signed(key));
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
    const refused = signed(newKey()).then((token) => shop.verify(token));
    await expect(refused).rejects.toBeInstanceOf(GatewayTokenError);
    expect((await shop.verify(await signed(key, { sub: 'u2' }))).viewer).toBe('u2');
  });
});
