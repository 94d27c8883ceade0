import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { runSql } from '../support/servers/run-sql.ts';
import {
  freshGround,
  type Ground,
  type Mutation,
  startMutationSubgraph,
} from '../support/systems/start-mutation.ts';
import { drain, openTestQueue } from './queue.ts';
import { spawnMutation } from './spawn-mutation.ts';
import { insist, outcomesOf, startTwoReplicas } from './two-replicas.ts';

const resources = new AsyncDisposableStack();
let ground: Ground;
let replicas: [Mutation, Mutation];
const password = 'long enough';

beforeAll(async () => {
  ({ ground, replicas } = resources.use(await startTwoReplicas()));
});
afterAll(() => resources.disposeAsync());

const signUp = (handle: string, by: Mutation = replicas[0]) =>
  by.mutate(null, 'signUp', { handle, name: 'Somebody', password });

describe('a handle', () => {
  it('goes to exactly one of many at once, in whatever letter case, on any replica', async () => {
    const handles = ['corvus', 'Corvus', 'CORVUS', 'cOrVuS', 'ｃｏｒｖｕｓ', 'corvus'];
    const all = await outcomesOf(handles.map((handle, i) => insist(() => signUp(handle, replicas[i % 2]))));
    expect(all).toEqual([...Array(5).fill('CONFLICT handle'), 'won']);
    await using queue = await openTestQueue(ground.nats.url);
    const named = (await drain(queue)).filter(
      ({ data }) => (data as { handle?: string }).handle === 'corvus',
    );
    expect(named).toHaveLength(1);
  });

  it('that looks like one that is taken is taken, too', async () => {
    await signUp('pica_1');
    await expect(signUp('рica_1')).rejects.toThrow('CONFLICT handle');
    for (const handle of ['рyrrho', 'pica\0', '\0'])
      await expect(signUp(handle)).rejects.toThrow('BAD_USER_INPUT handle');
  });

  it('goes to exactly one of many at once that look alike, and no other user can take the others', async () => {
    const handles = ['modern_lo1', 'modem_lo1', 'modern_1o1', 'modem_l0l', 'rnodern_lol', 'modern_lol'];
    const all = await outcomesOf(handles.map((handle, i) => insist(() => signUp(handle, replicas[i % 2]))));
    expect(all).toEqual([...Array(5).fill('CONFLICT handle'), 'won']);
    expect(await outcomesOf(handles.map((handle) => insist(() => signUp(handle))))).toEqual(
      Array(6).fill('CONFLICT handle'),
    );
    await signUp('modern_art');
  });

  it('is given back in its one form, with what the account knows by itself', async () => {
    const { user, activity } = await signUp('Jay_Bird');
    expect(user).toEqual({ id: activity?.id, handle: 'jay_bird', joinedAt: activity?.acceptedAt });
    expect(activity).toMatchObject({ verb: 'SIGN_UP', status: 'QUEUED', actor: { id: user.id } });
  });
});

describe('a session', () => {
  it('has a token that the published keys confirm', async () => {
    const { token, expiresAt, user } = await signUp('magpie');
    const keys = createRemoteJWKSet(new URL(`${replicas[1].address}/.well-known/jwks.json`));
    const { payload } = await jwtVerify(token, keys, { issuer: 'rookery', audience: 'rookery' });
    expect(payload.sub).toBe(user.id);
    expect(new Date((payload.exp ?? 0) * 1_000).toISOString()).toBe(expiresAt);
  });

  it('starts again by logging in, in any letter case, without an activity', async () => {
    const first = await signUp('Jackdaw');
    const { user, activity, token } = await replicas[1].mutate(null, 'logIn', {
      handle: 'JACKDAW',
      password,
    });
    expect(user).toEqual(first.user);
    expect(activity).toBeNull();
    expect(token).not.toBe(first.token);
  });

  it('is refused alike to a wrong password, an unknown handle, and what can be neither', async () => {
    await signUp('nutcracker');
    const query = 'mutation ($i: LogInInput!) { logIn(input: $i) { token } }';
    const answers = await Promise.all(
      [
        { handle: 'nutcracker', password: 'wrong password' },
        { handle: 'nobody_here', password },
        { handle: 'no handle at all', password: '' },
      ].map((i) => replicas[0].post(null, query, { i })),
    );
    expect(answers[0]?.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
  });

  it('keeps no password but its argon2id hash', async () => {
    await signUp('chough');
    const accounts = "select * from accounts.accounts where handle = 'chough'";
    const [account] = await runSql(ground.database.url, accounts);
    expect(account?.password_hash).toMatch(/^\$argon2id\$/);
    expect(JSON.stringify(account)).not.toContain(password);
  });
});

it('a sign-up that was killed between commit and publish is completed, and a sign-in tells the queue later', async () => {
  await using own = await freshGround();
  await using queue = await openTestQueue(own.nats.url);
  await using killed = await spawnMutation({ ...own, env: { ...own.env, CRASH_POINT: 'after-commit' } });
  await killed.connected();
  const raven = { handle: 'raven', name: 'Raven', password };
  await expect(killed.mutate(null, 'signUp', raven)).rejects.toThrow('fetch failed');
  expect(await killed.child.exited).toMatchObject({ code: null, signal: 'SIGKILL' });
  expect(await drain(queue)).toEqual([]);

  await using next = await startMutationSubgraph(own);
  const [event, ...others] = await eventually(async () => {
    const events = await drain(queue);
    return events.length > 0 ? events : undefined;
  });
  expect(others).toEqual([]);
  expect(event).toMatchObject({
    type: 'rookery.user.signed-up.v1',
    data: { handle: 'raven', name: 'Raven' },
  });
  expect((await next.mutate(null, 'logIn', { handle: 'raven', password })).user.id).toBe(event?.id);
  await expect(signUp('raven', next)).rejects.toThrow('CONFLICT handle');

  await own.nats.kill();
  expect((await next.mutate(null, 'logIn', { handle: 'raven', password })).user.id).toBe(event?.id);
  await own.nats.restart();
  const signIns: unknown[] = [];
  await eventually(async () => {
    for (const { type, actor, subject, data } of await drain(queue))
      if (type.includes('signed-in')) signIns.push({ actor, subject, data });
    return signIns.length >= 2 || undefined;
  });
  expect(signIns).toEqual(Array(2).fill({ actor: event?.id, subject: event?.id, data: {} }));
});
