import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../support/clients/client.ts';
import { eventually } from '../support/eventually.ts';
import { type Account, freshDatabase, type System, startSystem } from '../support/index.ts';
import { ops } from '../support/ops.ts';
import { type PushService, startPushService } from '../support/servers/push-service.ts';
import { runSql } from '../support/servers/run-sql.ts';

const { x, y, d } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
const publicKey = Buffer.concat([
  Buffer.from([4]),
  ...[x, y].map((part) => Buffer.from(part ?? '', 'base64url')),
]).toString('base64url');

const resources = new AsyncDisposableStack();
let service: PushService;
let system: System;
let ada: Account;
let ben: Account;
let post = '';

const ask = <T>(by: Pick<Account, 'token'>, query: string, variables: Record<string, unknown> = {}) =>
  new Client(system.gatewayUrl, by.token).ask<T>(query, variables);
const act = async (by: Account, field: string, type: string, input: object): Promise<string> =>
  (await new Client(system.gatewayUrl, by.token).act(field, type, input)).activity.id;
const says = (by: Account, body: string, inReplyTo?: string) =>
  act(by, 'publishPost', 'PublishPostInput', { body, ...(inReplyTo ? { inReplyTo } : {}) });
const onPost = (by: Account, field: string, postId: string) => act(by, field, 'PostInput', { postId });
const onUser = (by: Account, field: string, { id }: Account) => act(by, field, 'UserInput', { userId: id });
const registerQuery = 'mutation ($input: RegisterPushInput!) { registerPush(input: $input) { endpoint } }';
const register = (by: Pick<Account, 'token'>, name: string) =>
  ask(by, registerQuery, { input: service.subscribe(name) });

const kindsAt = (browser: string): string[] =>
  service.received.flatMap((message) => (message.browser === browser ? [message.data.kind] : []));
/** Waits until a browser has a message of a kind. Returns the first one. */
const pushed = (browser: string, kind: string) =>
  eventually(
    async () => service.received.find((message) => message.browser === browser && message.data.kind === kind),
    { what: `${kind} at ${browser}` },
  );

beforeAll(async () => {
  service = resources.use(await startPushService(publicKey));
  const database = await freshDatabase();
  system = resources.use(
    await startSystem({
      database,
      env: {
        VAPID_PRIVATE_KEY: d ?? '',
        VAPID_SUBJECT: 'mailto:operator@example.org',
        PUSH_DATABASE_URL: database.url,
        PUSH_SERVICES: service.origin,
      },
    }),
  );
  [ada, ben] = [await system.signUp('ada'), await system.signUp('ben')];
  post = await says(ada, 'caw');
  await register(ada, 'laptop');
});
afterAll(() => resources.disposeAsync());

describe('a registered browser', () => {
  it('gets an encrypted message for each group, which names nobody', async () => {
    expect(await ask(ada, '{ pushKey }')).toEqual({ pushKey: publicKey });
    await onPost(ben, 'likePost', post);
    expect(await pushed('laptop', 'LIKE')).toEqual({
      browser: 'laptop',
      data: { id: `LIKE:${post}`, kind: 'LIKE', at: expect.any(String) },
      ...{ ttl: '86400', urgency: 'normal', topic: expect.stringMatching(/^[A-Za-z0-9_-]{32}$/) },
    });
  });

  it('gets none of people whom the viewer mutes, and none of kinds that are off', async () => {
    const [muted, heard] = [await system.signUp(), await system.signUp()];
    await onUser(ada, 'muteUser', muted);
    await act(ada, 'setNotifications', 'SetNotificationsInput', { kind: 'SHARE', from: 'NOBODY' });
    await onUser(muted, 'followUser', ada);
    await onPost(ben, 'sharePost', post);
    const before = kindsAt('laptop').length;
    await says(heard, 'heard', post);
    await pushed('laptop', 'REPLY');
    expect(kindsAt('laptop').slice(before)).toEqual(['REPLY']);
  });

  it('gets nothing twice: not by a repeated act, a rebuild or another query subgraph', async () => {
    await onPost(ben, 'likePost', post);
    await pushed('laptop', 'LIKE');
    const before = kindsAt('laptop').length;
    await onPost(ben, 'likePost', post);
    expect((await ops({ ...system.env }, 'rebuild', 'notifications')).code).toBe(0);
    await system.restart('query');
    await onUser(await system.signUp(), 'followUser', ada);
    await pushed('laptop', 'FOLLOW');
    expect(kindsAt('laptop').slice(before)).toEqual(['FOLLOW']);
  });

  it('gets a message that its service could not take at first, and is forgotten once it is gone', async () => {
    await register(ben, 'phone');
    const theirs = await says(ben, 'by Ben');
    service.answer('phone', 503, 429);
    await onPost(ada, 'likePost', theirs);
    await pushed('phone', 'LIKE');

    service.answer('phone', 410);
    await onPost(ada, 'sharePost', theirs);
    const kept = `select endpoint from accounts.push_subscriptions where endpoint like '%/phone'`;
    await eventually(
      async () => ((await runSql(system.servers.database.url, kept)).length === 0 ? true : undefined),
      { what: 'the end of a subscription' },
    );
    await register(ben, 'tablet');
    await says(ada, 'to Ben', theirs);
    await pushed('tablet', 'REPLY');
    expect(kindsAt('phone')).toEqual(['LIKE']);
    await act(ben, 'editPost', 'EditPostInput', { postId: theirs, body: 'by Ben, again' });
    await pushed('laptop', 'EDIT');
  });

  it('gets nothing after its session has ended, and the others are told of the sign-in', async () => {
    await register(ben, 'desktop');
    const query = 'mutation ($input: LogInInput!) { logIn(input: $input) { token } }';
    const { logIn } = await ask<{ logIn: { token: string } }>(ben, query, {
      input: { handle: 'ben', password: ben.password },
    });
    expect(await pushed('desktop', 'SIGN_IN')).toMatchObject({ urgency: 'high' });
    await register(logIn, 'borrowed');
    await ask(logIn, 'mutation { logOut }');
    const theirs = await says(ben, 'again by Ben');
    await onPost(ada, 'likePost', theirs);
    await pushed('desktop', 'LIKE');
    expect(kindsAt('borrowed')).toEqual([]);
  });
});

it('only browsers of push services of the settings register, with keys that are keys', async () => {
  const { keys } = service.subscribe('odd');
  const client = new Client(system.gatewayUrl, ada.token);
  const refusal = async (endpoint: string, given = keys) => {
    const { errors } = await client.send(registerQuery, { input: { endpoint, keys: given } });
    return `${errors?.[0]?.extensions.code} ${errors?.[0]?.extensions.field}`;
  };
  for (const endpoint of [
    'https://169.254.169.254/',
    'http://127.0.0.1:1/',
    `${service.origin}@evil.example/`,
    'x',
  ])
    expect(await refusal(endpoint)).toBe('BAD_USER_INPUT endpoint');
  const inbox = `${service.origin}/odd`;
  const noPoint = Buffer.alloc(65, 4).toString('base64url');
  expect(await refusal(inbox, { ...keys, p256dh: noPoint })).toBe('BAD_USER_INPUT keys.p256dh');
  expect(await refusal(inbox, { ...keys, auth: 'AAAA' })).toBe('BAD_USER_INPUT keys.auth');
});
