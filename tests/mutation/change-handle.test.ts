import type { Envelope } from '@rookery/schema/events';
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

const signUp = async (handle: string, by: Mutation = replicas[0]): Promise<string> =>
  (await insist(() => by.mutate(null, 'signUp', { handle, name: 'Somebody', password }))).user.id;
const change = (viewer: string, handle: string, by: Mutation = replicas[0]) =>
  insist(() => by.mutate(viewer, 'changeHandle', { handle }));
const logIn = (handle: string, by: Mutation = replicas[0]) =>
  insist(() => by.mutate(null, 'logIn', { handle, password }));
const endReservations = (account: string) =>
  runSql(
    ground.database.url,
    `update accounts.reserved_handles set reserved_until = now() - interval '1 second' where account = '${account}'`,
  );

describe('a handle that is changed', () => {
  it('is logged in with, and the one before is not', async () => {
    const id = await signUp('corvus');
    const { activity } = await change(id, 'Corone');
    expect(activity).toMatchObject({ verb: 'CHANGE_HANDLE', status: 'QUEUED', actor: { id } });
    expect((await logIn('corone')).user).toMatchObject({ id, handle: 'corone' });
    await expect(logIn('corvus')).rejects.toThrow('UNAUTHENTICATED');
    await using queue = await openTestQueue(ground.nats.url);
    const events = (await drain(queue)).filter(({ actor }) => actor === id);
    const type = 'rookery.user.handle-changed.v1';
    expect(events.filter((event) => event.type === type)).toMatchObject([
      { id: activity?.id, subject: id, data: { handle: 'corone' } },
    ]);
  });

  it('is changed once, however often it is asked for, and an own handle is no change', async () => {
    const id = await signUp('pica');
    const own = await change(id, 'PICA');
    expect(own.activity).toMatchObject({ id, verb: 'SIGN_UP' });
    const all = await Promise.all([0, 1, 0, 1].map((n) => change(id, 'pica_pica', replicas[n as 0 | 1])));
    const ids = new Set(all.map(({ activity }) => activity?.id));
    expect(ids.size).toBe(1);
    expect((await change(id, 'pica_pica', replicas[1])).activity?.id).toBe([...ids][0]);
    await using queue = await openTestQueue(ground.nats.url);
    const events = (await drain(queue)).filter(({ subject, type }) => subject === id && /changed/.test(type));
    expect(new Set(events.map((event) => event.id))).toEqual(ids);
  });

  it('goes to exactly one of many at once, by a change or a sign-up, on any replica', async () => {
    const people = await Promise.all(
      ['one_of_4', 'two_of_4', 'thr_of_4', 'fou_of_4'].map((each) => signUp(each)),
    );
    const wanted = ['modern_1o1', 'modem_lol', 'rnodern_lol', 'MODERN_LOL'];
    const all = await outcomesOf([
      ...people.map((id, i) => change(id, wanted[i] ?? '', replicas[(i % 2) as 0 | 1])),
      ...wanted.map((handle, i) => signUp(handle, replicas[((i + 1) % 2) as 0 | 1])),
    ]);
    expect(all).toEqual([...Array(7).fill('CONFLICT handle'), 'won']);
  });

  it.each(['jаy_bird', 'ab', 'two words', 'x\0y'])('is not %j, as at a sign-up', async (handle) => {
    const id = await signUp(`reader_${handle.length}_${handle.codePointAt(1)}`);
    await expect(change(id, handle)).rejects.toThrow('BAD_USER_INPUT handle');
  });
});

describe('the handle before', () => {
  it('is reserved for its owner, with all that look like it, until the reservation ends', async () => {
    const [id, other] = [await signUp('magpie_1'), await signUp('nutcracker')];
    await change(id, 'magpie_2');
    for (const handle of ['magpie_1', 'magpie_l', 'MAGPIE_1']) {
      await expect(signUp(handle)).rejects.toThrow('CONFLICT handle');
      await expect(change(other, handle)).rejects.toThrow('CONFLICT handle');
    }
    await change(id, 'magpie_1');
    await expect(signUp('magpie_2')).rejects.toThrow('CONFLICT handle');
    await endReservations(id);
    const next = await signUp('magpie_2');
    expect((await logIn('magpie_2')).user.id).toBe(next);
    await expect(change(id, 'magpie_2')).rejects.toThrow('CONFLICT handle');
  });

  it('is one of at most three, and may be taken back even then', async () => {
    const id = await signUp('jackdaw_0');
    for (const n of [1, 2, 3]) await change(id, `jackdaw_${n}`);
    await expect(change(id, 'jackdaw_4')).rejects.toThrow('RATE_LIMITED');
    await change(id, 'jackdaw_0');
    await expect(change(id, 'jackdaw_4')).rejects.toThrow('RATE_LIMITED');
    await endReservations(id);
    await change(id, 'jackdaw_4');
  });
});

it('a change that was killed between commit and publish is completed, and none comes in between', async () => {
  await using own = await freshGround();
  await using queue = await openTestQueue(own.nats.url);
  await using first = await startMutationSubgraph(own);
  const id = await signUp('raven', first);
  await first[Symbol.asyncDispose]();
  await using killed = await spawnMutation({ ...own, env: { ...own.env, CRASH_POINT: 'after-commit' } });
  await killed.connected();
  await expect(killed.mutate(id, 'changeHandle', { handle: 'rook' })).rejects.toThrow('fetch failed');
  expect(await killed.child.exited).toMatchObject({ code: null, signal: 'SIGKILL' });
  expect((await drain(queue)).map(({ type }) => type)).toEqual(['rookery.user.signed-up.v1']);

  await using next = await startMutationSubgraph(own);
  // Refused until the sweep has published the change before: one outbox holds one event.
  await change(id, 'crow', next);
  const changes: Envelope[] = [];
  await eventually(async () => {
    changes.push(...(await drain(queue)));
    return changes.length === 2 ? changes : undefined;
  });
  expect(changes.map(({ data }) => data)).toEqual([{ handle: 'rook' }, { handle: 'crow' }]);
  const [before, after] = changes.map(({ time }) => Date.parse(time));
  expect(after).toBeGreaterThan(before ?? Number.NaN);
  expect((await logIn('crow', next)).user.id).toBe(id);
});
