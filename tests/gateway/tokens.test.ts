import { exportSPKI, generateKeyPair } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startGateway, type TestGateway } from '../support/gateway/gateway.ts';
import { people } from '../support/gateway/network.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway[Symbol.asyncDispose]());

const viewer = people[0]?.id ?? '';
const now = () => Math.floor(Date.now() / 1000);
const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Tokens that are no good, each in one way. */
const bad: Record<string, () => Promise<string>> = {
  expired: () => gateway.issuer.token(viewer, { claims: { exp: now() - 60 } }),
  'not valid yet': () => gateway.issuer.token(viewer, { claims: { nbf: now() + 600 } }),
  'without an end': () => gateway.issuer.token(viewer, { claims: { exp: undefined } as never }),
  'of another issuer': () => gateway.issuer.token(viewer, { claims: { iss: 'somebody' } }),
  'for another audience': () => gateway.issuer.token(viewer, { claims: { aud: 'somebody' } }),
  'without a subject': () => gateway.issuer.token(viewer, { claims: { sub: undefined } as never }),
  'whose subject is no id': () => gateway.issuer.token('root'),
  'signed by another key': async () => {
    const { privateKey } = await generateKeyPair('EdDSA');
    return gateway.issuer.token(viewer, { key: privateKey });
  },
  'without a signature': async () => {
    const [, claims] = (await gateway.issuer.token(viewer)).split('.');
    return `${base64url({ alg: 'none' })}.${claims}.`;
  },
  'signed with the public key as a secret': async () => {
    const { publicKey } = await generateKeyPair('EdDSA', { extractable: true });
    const secret = new TextEncoder().encode(await exportSPKI(publicKey));
    return gateway.issuer.token(viewer, { alg: 'HS256', key: secret as never });
  },
  'with another payload': async () => {
    const [header, , signature] = (await gateway.issuer.token(viewer)).split('.');
    return `${header}.${base64url({ sub: viewer, exp: now() + 600 })}.${signature}`;
  },
  'that is no token': async () => 'nonsense',
};

describe('a token that is given and is no good', () => {
  test.each(Object.keys(bad))('%s: 401 UNAUTHENTICATED, the same text for all', async (what) => {
    const token = (await bad[what]?.()) ?? '';
    const { status, data, errors, headers } = await gateway.ask('{ secret }', {}, { token });
    expect({ status, data, errors }).toEqual({
      status: 401,
      data: undefined,
      errors: [{ message: 'Sign in first.', extensions: { code: 'UNAUTHENTICATED' } }],
    });
    expect(headers.get('www-authenticate')).toMatch(/^Bearer/);
  });

  test.each(['', 'Bearer', 'Bearer ', 'Basic YTpi', 'Bearer a b'])('%j is no token either', async (value) => {
    const { status } = await gateway.ask('{ secret }', {}, { headers: { authorization: value } });
    expect(status).toBe(401);
  });

  test.each(Object.keys(bad))('%s: a socket is closed with 4401', async (what) => {
    const client = gateway.live((await bad[what]?.()) ?? '');
    const closed = new Promise((resolve) => client.on('closed', resolve));
    const error = await client
      .iterate({ query: '{ secret }' })
      .next()
      .catch((cause) => cause);
    expect(error).toMatchObject({ code: 4401 });
    await closed;
  });
});

describe('a token that is good', () => {
  test('tells the subgraphs who asks', async () => {
    const token = await gateway.issuer.token(viewer);
    expect((await gateway.ask('{ me { name } }', {}, { token })).data).toEqual({ me: { name: 'Ada' } });
    const { value } = await gateway.live(token).iterate({ query: '{ me { name } }' }).next();
    expect(value.data).toEqual({ me: { name: 'Ada' } });
  });

  test('counts a few seconds longer than it says, for clocks that differ', async () => {
    const token = await gateway.issuer.token(viewer, { claims: { exp: now() - 1 } });
    expect((await gateway.ask('{ secret }', {}, { token })).status).toBe(200);
  });

  test('in the query string is ignored and not logged', async () => {
    const token = await gateway.issuer.token(viewer);
    const response = await fetch(
      `${gateway.url}/graphql?query=${encodeURIComponent('{ me { name } }')}&token=${token}&access_token=${token}`,
      { headers: { 'apollo-require-preflight': '1' } },
    );
    expect(await response.json()).toEqual({ data: { me: null } });
    expect(gateway.log()).not.toContain(token);
  });

  test('is nowhere in the log, nor are variables', async () => {
    const token = await gateway.issuer.token(viewer);
    const headers = { 'apollographql-client-name': 'test-app', 'apollographql-client-version': '1.2.3' };
    await gateway.ask(
      'query Who($id: ID!) { person(id: $id) { name } }',
      { id: 'my secret' },
      { token, headers },
    );
    const line =
      gateway
        .log()
        .split('\n')
        .find((each) => each.includes('"operation":"Who"')) ?? '';
    expect(JSON.parse(line)).toMatchObject({
      msg: 'operation',
      transport: 'http',
      status: 200,
      type: 'query',
      viewer,
      requestId: expect.any(String),
      hash: expect.stringMatching(/^[\da-f]{64}$/),
      durationMs: expect.any(Number),
      cost: 1,
      client: 'test-app',
      clientVersion: '1.2.3',
    });
    expect(gateway.log()).not.toContain(token);
    expect(gateway.log()).not.toContain('my secret');
  });
});

describe('the keys', () => {
  test('rotate without a restart', async () => {
    await using own = await startGateway();
    const old = await own.issuer.token(viewer);
    expect((await own.ask('{ secret }', {}, { token: old })).status).toBe(200);
    await own.issuer.rotate();
    const token = await own.issuer.token(viewer);
    const status = async () => (await own.ask('{ secret }', {}, { token })).status;
    await expect.poll(status).toBe(200);
  });

  test('that are taken out of the set count no longer at the next look, nor do tokens seen before', async () => {
    await using own = await startGateway({ tokens: { pollIntervalMs: 100 } });
    const old = await own.issuer.token(viewer);
    expect((await own.ask('{ secret }', {}, { token: old })).status).toBe(200);
    await own.issuer.rotate();
    const status = async (token: string) => (await own.ask('{ secret }', {}, { token })).status;
    await expect.poll(() => status(old)).toBe(401);
    expect(await status(await own.issuer.token(viewer))).toBe(200);
  });

  test('that are unknown are not asked for again and again', async () => {
    await using own = await startGateway();
    await own.ask('{ secret }', {}, { token: await own.issuer.token(viewer) });
    const asked = own.issuer.asked();
    await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        const unknown = `${base64url({ alg: 'EdDSA', kid: `x${i}` })}.${base64url({ sub: viewer })}.AAAA`;
        expect((await own.ask('{ secret }', {}, { token: unknown })).status).toBe(401);
      }),
    );
    expect(own.issuer.asked() - asked).toBeLessThanOrEqual(1);
  });

  test('that cannot be fetched do not make a token invalid: 503, and anonymous requests continue', async () => {
    await using own = await startGateway();
    own.issuer.fail(true);
    const token = await own.issuer.token(viewer);
    const { status, errors } = await own.ask('{ secret }', {}, { token });
    expect(status).toBe(503);
    expect(errors?.[0]?.extensions.code).toBe('SERVICE_UNAVAILABLE');
    expect((await own.ask('{ secret }')).status).toBe(200);
    own.issuer.fail(false);
    expect((await own.ask('{ secret }', {}, { token })).status).toBe(200);
  });

  test('that were fetched once stay valid while the issuer is down', async () => {
    await using own = await startGateway();
    await own.ask('{ secret }', {}, { token: await own.issuer.token(viewer) });
    own.issuer.fail(true);
    const another = await own.issuer.token(viewer, { claims: { jti: 'another' } });
    expect((await own.ask('{ secret }', {}, { token: another })).status).toBe(200);
  });
});

describe('what counts is set', () => {
  test('algorithms: a good signature by another one is no good', async () => {
    await using own = await startGateway({ tokens: { algorithms: ['ES256'] } });
    const { status } = await own.ask('{ secret }', {}, { token: await own.issuer.token(viewer) });
    expect(status).toBe(401);
  });

  test('how far clocks may be apart', async () => {
    await using exact = await startGateway({ tokens: { clockSkewSeconds: 0 } });
    await using lenient = await startGateway({ tokens: { clockSkewSeconds: 120 } });
    for (const claims of [{ exp: now() - 60 }, { nbf: now() + 60 }]) {
      const status = async (of: TestGateway) =>
        (await of.ask('{ secret }', {}, { token: await of.issuer.token(viewer, { claims }) })).status;
      expect(await status(exact)).toBe(401);
      expect(await status(lenient)).toBe(200);
    }
  });
});
