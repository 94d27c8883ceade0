import { newId } from '@rookery/runtime';
import { processNames } from '@rookery/stack';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ask, overHttp, overWebSocket } from '../support/clients/raw-client.ts';
import { type Account, type System, startSystem } from '../support/index.ts';

let system: System;
let ask: Ask;
const limits = { RATE_LIMIT_USER: '500', RATE_LIMIT_ADDRESS: '100000', RATE_LIMIT_FIELDS: 'on' };
const addressLimit = 2_000;
/** A gateway that believes the proxy in front of it, and that proxy is this test. */
const behindProxy = { ...limits, TRUSTED_PROXIES: '127.0.0.1' };

beforeAll(async () => {
  const others = processNames.filter((name) => name !== 'gateway');
  system = await startSystem({ env: limits, processes: others });
  await system.start('gateway', behindProxy);
  await system.ready();
  ask = overHttp(system.gatewayUrl);
});
afterAll(() => system?.stop());

const logIn = (handle: string, password: string) => ({
  query: 'mutation ($input: LogInInput!) { logIn(input: $input) { token } }',
  variables: { input: { handle, password } },
});
const refresh = (refreshToken: string) => ({
  query: 'mutation ($input: RefreshSessionInput!) { refreshSession(input: $input) { token } }',
  variables: { input: { refreshToken } },
});
const refreshTokenOf = async (): Promise<string> => {
  const { handle, password } = await system.signUp();
  const { data } = await ask({
    ...logIn(handle, password),
    query: 'mutation ($input: LogInInput!) { logIn(input: $input) { refreshToken } }',
  });
  return (data as { logIn: { refreshToken: string } }).logIn.refreshToken;
};
const from = (address: string) => ({ 'x-forwarded-for': address });
const codes = (answers: readonly { code: unknown }[]) => answers.map(({ code }) => code);

/** That many guesses at one password, each from another address. */
const stuff = async ({ handle }: Account, guesses: number) => {
  const answers = [];
  for (let i = 0; i < guesses; i++)
    answers.push(
      await ask(logIn(i % 2 ? handle : handle.toUpperCase(), `guess ${i}`), undefined, from(`192.0.2.${i}`)),
    );
  return answers;
};

const paged = {
  query: '{ user(handle: "nobody_there") { followers(first: 100) { edges { node { id } } } } }',
};
/** Answers to more than both buckets hold: on a busy machine Redis may be late, and the gateway's own one is asked. */
const spend = async (headers: (i: number) => Record<string, string>) => {
  const answers = [];
  for (let i = 0; i < (3 * addressLimit) / 100; i++) answers.push(await ask(paged, undefined, headers(i)));
  return codes(answers);
};

const testStuffing = async (): Promise<void> => {
  const [victim, other] = [await system.signUp(), await system.signUp()];
  const answers = await stuff(victim, 13);
  expect(codes(answers.slice(0, 10))).toEqual(Array(10).fill('UNAUTHENTICATED'));
  const [refused] = answers.slice(-1);
  expect(refused).toMatchObject({ status: 429, code: 'RATE_LIMITED' });
  expect(refused?.errors[0]?.extensions.retryAfter).toEqual(expect.any(Number));
  expect(refused?.headers['retry-after']).toBe(String(refused?.errors[0]?.extensions.retryAfter));
  expect((await ask(logIn(victim.handle, victim.password))).code).toBe('RATE_LIMITED');
  expect((await ask(logIn(other.handle, other.password))).data).toMatchObject({ logIn: {} });
};
const perAccount = 'is RATE_LIMITED per account, also for who knows the password; others log in';

// In an order in which the gateway seldom starts again.
describe('row 25 password stuffing with many addresses', () => {
  test(perAccount, testStuffing);

  test('refresh tokens are limited per token, and tokens of others are not', async () => {
    const [session, other] = [await refreshTokenOf(), await refreshTokenOf()];
    const guesses = [];
    const guess = session.replace(/.$/, (last) => (last === 'A' ? 'E' : 'A'));
    for (let i = 0; i < 13; i++) guesses.push(await ask(refresh(guess), undefined, from(`192.0.2.${i}`)));
    expect(codes(guesses.slice(0, 10))).toEqual(Array(10).fill('UNAUTHENTICATED'));
    expect(guesses.at(-1)).toMatchObject({ status: 429, code: 'RATE_LIMITED' });
    expect((await ask(refresh(other))).data).toMatchObject({ refreshSession: {} });
  });

  test('counts each alias, fragment and default, and over WebSocket as well', async () => {
    const victim = await system.signUp();
    const aliases = Array.from(
      { length: 8 },
      (_, i) => `a${i}: logIn(input: { handle: $handle, password: "guess ${i}" }) { token }`,
    );
    const query = `mutation ($handle: String! = "${victim.handle}") { ...F } fragment F on Mutation { ${aliases.join(' ')} }`;
    for (const over of [ask, overWebSocket(system.gatewayUrl)]) {
      const { code } = await over({ query });
      expect(code).toBe(over === ask ? 'UNAUTHENTICATED' : 'RATE_LIMITED');
    }
    expect(codes(await stuff(victim, 3)).at(-1)).toBe('RATE_LIMITED');
  });
});

describe('a user', () => {
  test('is charged what operations cost, on all transports and gateways alike, and is told', async () => {
    const { token } = await system.signUp();
    const { headers } = await ask({ query: '{ me { id } }' }, token);
    expect(headers['ratelimit-policy']).toBe('"user";q=500;w=60, "address";q=100000;w=60');
    expect(headers.ratelimit).toMatch(/^"user";r=499;t=1, "address";r=\d+;t=\d+$/);
    const costly = { query: '{ myFeed(first: 100) { edges { node { id post { id } } } } }' };
    const began = performance.now();
    const answers = [await ask(costly, token), await overWebSocket(system.gatewayUrl)(costly, token)];
    for (let i = 0; i < 3; i++) answers.push(await ask(costly, token));
    expect(codes(answers)).toContain('RATE_LIMITED');
    // The refused operation would have cost 201, and the bucket fills by 500 a minute; the own bucket of
    // another gateway would be full.
    await system.restart('gateway', { ...behindProxy, RATE_LIMIT_ADDRESS: String(addressLimit) });
    // On a busy machine Redis may be late, and then the gateway's own bucket answers: the shared one is asked again.
    const left = async () => {
      const { headers: told } = await ask({ query: '{ me { id } }' }, token);
      return Number(/"user";r=(\d+)/.exec(String(told.ratelimit))?.[1]);
    };
    const lefts = [];
    for (let i = 0; i < 5; i++) lefts.push(await left());
    expect(Math.min(...lefts)).toBeLessThanOrEqual(
      Math.min(499, 201 + ((performance.now() - began) / 60_000) * 500),
    );
    const { token: another } = await system.signUp();
    expect((await ask(costly, another)).code).toBeUndefined();
  });
});

describe('row 25 an address', () => {
  const anonymous = { query: '{ me { id } }' };
  const remaining = (headers: Record<string, unknown>) =>
    Number(/"address";r=(\d+)/.exec(String(headers.ratelimit))?.[1]);
  test('is believed from a trusted proxy alone, and only what that proxy has seen', async () => {
    for (let i = 0; i < 30; i++) {
      const { code, headers } = await ask(anonymous, undefined, from(`203.0.113.${i}`));
      expect(code).toBeUndefined();
      expect(remaining(headers)).toBe(addressLimit - 1);
    }
    expect(await spend((i) => from(`10.9.8.${i}, 203.0.113.200`))).toContain('RATE_LIMITED');
  });
});

describe('row 25 with a forged X-Forwarded-For', () => {
  beforeAll(() => system.restart('gateway', { ...limits, RATE_LIMIT_ADDRESS: String(addressLimit) }));

  test(`password stuffing ${perAccount}`, testStuffing);

  test('a user is limited by the gateway alone while Redis is down, which is logged', async () => {
    await system.servers.redis.kill();
    const { token } = await system.signUp();
    const costly = { query: `{ activity(id: "${newId()}") { id } }` };
    const answers = [];
    for (let i = 0; i < 20; i++) answers.push(await ask(logIn('nobody_there', `guess ${i}`)));
    expect(codes(answers)).toContain('RATE_LIMITED');
    expect((await ask(costly, token)).status).toBe(200);
    expect(system.log('gateway')).toContain('rate limits are enforced by each gateway separately');
  });

  // The address is the same one, with or without Redis.
  test('an address cannot be made up', async () => {
    expect(await spend((i) => from(`198.51.100.${i}`))).toContain('RATE_LIMITED');
  });
});
