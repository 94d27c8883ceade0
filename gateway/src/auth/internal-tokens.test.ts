import { generateKeyPairSync } from 'node:crypto';
import { operationDigest, sharedTokenType, tokenType } from '@rookery/subgraph-auth';
import { decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { expect, test } from 'vitest';
import { InternalTokens } from './internal-tokens.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const tokens = () =>
  new InternalTokens({ current: { signs: { key: privateKey, kid: 'k' }, published: { keys: [] } } });

/** Asks for the tokens of some mutations in one turn, and then for each of them. */
const ask = (by: InternalTokens, audience: string, count: number, from = 0): readonly (() => string)[] =>
  Array.from({ length: count }, (_, n) =>
    by.forMutations(audience, { viewer: `u${from + n}` }, `body ${from + n}`),
  );

const claimsIn = (text = ''): unknown => JSON.parse(Buffer.from(text, 'base64url').toString());

test('a mutation that is sent alone has a token of its own', () => {
  const [token] = ask(tokens(), 'shop', 1).map((make) => make());
  expect(decodeProtectedHeader(token ?? '').typ).toBe(tokenType);
  expect(decodeJwt(token ?? '')).toMatchObject({ aud: 'shop', sub: 'u0', op: operationDigest('body 0') });
});

test('mutations that are sent together share a signature, which covers the viewer and the body of each', async () => {
  const made = ask(tokens(), 'shop', 3).map((make) => make());
  const parts = made.map((token) => token.split('~'));
  expect(new Set(parts.map(([signature]) => signature)).size).toBe(1);
  const { payload, protectedHeader } = await jwtVerify(parts[0]?.[0] ?? '', publicKey, {
    audience: 'shop',
    issuer: 'rookery-gateway',
  });
  expect(protectedHeader).toEqual({ alg: 'EdDSA', kid: 'k', typ: sharedTokenType });
  expect(payload.requests).toEqual(parts.map(([, claims]) => operationDigest(claims ?? '')));
  expect(parts.map(([, claims]) => claimsIn(claims))).toEqual(
    [0, 1, 2].map((n) => ({ sub: `u${n}`, op: operationDigest(`body ${n}`) })),
  );
});

test('at most 16 share a signature, only those of one subgraph, and none that comes after it was made', () => {
  const by = tokens();
  const asked = [...ask(by, 'shop', 20), ...ask(by, 'news', 2)];
  const made = asked.map((make) => make());
  const later = ask(by, 'shop', 2, 20).map((make) => make());
  const signatures = [...made, ...later].map((token) => token.split('~')[0] ?? '');
  const sizes = Map.groupBy(signatures, (signature) => signature);
  expect([...sizes.values()].map(({ length }) => length)).toEqual([16, 4, 2, 2]);
  expect([...sizes.keys()].map((signature) => decodeJwt(signature).aud)).toEqual([
    'shop',
    'shop',
    'news',
    'shop',
  ]);
  // Each is asked for again if its request is: it is the same.
  expect(asked.map((make) => make())).toEqual(made);
});
