import { openAccountDatabase, openSessionTable } from '@rookery/mutation/accounts';
import { newId, readMetric } from '@rookery/runtime';
import fc from 'fast-check';
import { decodeJwt } from 'jose';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { startFaultProxy } from '../support/index.ts';
import { propertyRuns } from '../support/property-runs.ts';
import { startStopwatch } from '../support/stopwatch.ts';
import {
  type Ground,
  log,
  type Mutation,
  type Payload,
  startMutationSubgraph,
} from '../support/systems/start-mutation.ts';
import { drain, openTestQueue } from './queue.ts';
import { insist, startTwoReplicas } from './two-replicas.ts';

const resources = new AsyncDisposableStack();
const password = 'long enough';
let ground: Ground;
let replicas: [Mutation, Mutation];
let database: pg.Client;
let sessions: ReturnType<typeof openSessionTable>;
let suspend: (user: string) => Promise<unknown>;
let handles = 0;

beforeAll(async () => {
  ({ ground, replicas } = resources.use(await startTwoReplicas()));
  database = new pg.Client({ connectionString: ground.database.url });
  await database.connect();
  resources.defer(() => database.end());
  const accounts = openAccountDatabase(ground.database.url, log);
  resources.defer(() => accounts.close());
  sessions = openSessionTable(accounts, { ttlSeconds: 86_400 });
  suspend = (user) => insist(() => sessions.suspend(user));
});
afterAll(() => resources.disposeAsync());

const signUp = (by: Mutation = replicas[0]) => {
  const handle = `jay_${++handles}`;
  return insist(() => by.mutate(null, 'signUp', { handle, name: 'Jay', password }));
};
const refresh = (refreshToken: string, by: Mutation = replicas[0]) =>
  insist(() => by.mutate(null, 'refreshSession', { refreshToken }));
const isRefused = (refreshToken: string, by?: Mutation) =>
  expect(refresh(refreshToken, by)).rejects.toThrow(/^UNAUTHENTICATED$/);

const sidOf = ({ token }: Payload) => String(decodeJwt(token).sid);
const rows = async (sql: string, values: unknown[]) => (await database.query(sql, values)).rows;
const sessionsOf = (id: string) => rows('select * from accounts.sessions where account = $1', [id]);
const revocationsOf = (sid: string) => rows('select * from accounts.revocations where sid = $1', [sid]);
/** Puts the last rotation this many seconds into the past. */
const age = (session: Payload, seconds: number) =>
  database.query(
    `update accounts.sessions set rotated_at = rotated_at - $2 * interval '1 second' where sid = $1`,
    [sidOf(session), seconds],
  );
/** Returns whether a gateway that has read the list refuses this access token. */
const isRevoked = async ({ token }: Payload): Promise<boolean> => {
  const { sid, sub, iat = 0 } = decodeJwt(token);
  const found = await rows(
    'select 1 from accounts.revocations where sid = $1 or (sub = $2 and not_before >= $3)',
    [sid, sub, Math.round(iat * 1_000)],
  );
  return found.length > 0;
};

describe('a refresh token', () => {
  it('gives new tokens of the same session, and is stored nowhere', async () => {
    const first = await signUp();
    const second = await refresh(first.refreshToken, replicas[1]);
    expect(second).toMatchObject({ user: first.user, activity: null });
    expect(sidOf(second)).toBe(sidOf(first));
    expect(second.token).not.toBe(first.token);
    expect(second.refreshToken).not.toBe(first.refreshToken);
    expect(Date.parse(second.refreshExpiresAt)).toBeGreaterThan(Date.parse(first.refreshExpiresAt));
    const third = await refresh(second.refreshToken);

    const { rows: tables } = await database.query(
      "select table_schema || '.' || table_name as name from information_schema.tables where table_schema not in ('pg_catalog', 'information_schema')",
    );
    const stored: string[] = [];
    for (const { name } of tables) {
      const { rows: all } = await database.query(`select row_to_json(one)::text as text from ${name} as one`);
      stored.push(...all.map(({ text }) => text));
    }
    await using queue = await openTestQueue(ground.nats.url);
    stored.push(JSON.stringify(await drain(queue)));
    expect(stored.join()).toContain(sidOf(first));
    const secrets = [first, second, third].flatMap(({ refreshToken }) => refreshToken.split('.').slice(1));
    for (const secret of secrets) {
      expect(stored.join()).not.toContain(secret);
      expect(stored.join()).not.toContain(Buffer.from(secret, 'base64url').toString('hex'));
    }
  });

  it('used by many at once, on two replicas, has one outcome: all get the same next one', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.boolean(), { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 4 }),
        async (generations) => {
          const session = await signUp();
          let current = session.refreshToken;
          for (const uses of generations) {
            const answers = await Promise.all(
              uses.map((second) => refresh(current, replicas[second ? 1 : 0])),
            );
            const next = new Set(answers.map(({ refreshToken }) => refreshToken));
            expect(next.size).toBe(1);
            [current = ''] = next;
          }
          expect(await sessionsOf(session.user.id)).toHaveLength(1);
          expect(await isRevoked(session)).toBe(false);
        },
      ),
      { numRuns: propertyRuns(15) },
    );
  });

  it('whose answer was lost gives the same answer again, until its successor is used', async () => {
    const first = await signUp();
    const second = await refresh(first.refreshToken);
    const again = await refresh(first.refreshToken, replicas[1]);
    expect(again.refreshToken).toBe(second.refreshToken);
    expect(again.refreshExpiresAt).toBe(second.refreshExpiresAt);
    const third = await refresh(second.refreshToken);
    await isRefused(first.refreshToken);
    await isRefused(third.refreshToken);
    expect(await revocationsOf(sidOf(first))).toHaveLength(1);
  });

  it('used again after the grace period ends its session, and no other', async () => {
    const first = await signUp();
    const { handle } = first.user;
    const other = await insist(() => replicas[0].mutate(null, 'logIn', { handle, password }));
    const before = await readMetric(
      replicas[1].metricsUrl,
      'rookery_mutation_refresh_token_reuses_total',
      {},
    );
    const second = await refresh(first.refreshToken);
    await age(first, 29);
    expect((await refresh(first.refreshToken)).refreshToken).toBe(second.refreshToken);
    await age(first, 2);
    expect(await isRevoked(second)).toBe(false);
    await isRefused(first.refreshToken, replicas[1]);
    expect(await isRevoked(first)).toBe(true);
    expect(await isRevoked(second)).toBe(true);
    expect(await readMetric(replicas[1].metricsUrl, 'rookery_mutation_refresh_token_reuses_total', {})).toBe(
      (before ?? 0) + 1,
    );
    await isRefused(second.refreshToken);
    expect(await isRevoked(other)).toBe(false);
    await refresh(other.refreshToken);
  });

  it('that was stolen and used while its owner refreshes: the session ends, however the two meet', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 2, maxLength: 5 }), async (uses) => {
        const stolen = await signUp();
        const { refreshToken } = await refresh((await refresh(stolen.refreshToken)).refreshToken);
        const answers = await Promise.allSettled([
          ...uses.map((second) => refresh(refreshToken, replicas[second ? 1 : 0])),
          refresh(stolen.refreshToken, replicas[1]),
        ]);
        expect(answers.at(-1)?.status).toBe('rejected');
        expect(await sessionsOf(stolen.user.id)).toEqual([]);
        expect(await revocationsOf(sidOf(stolen))).toHaveLength(1);
        for (const answer of answers) {
          if (answer.status === 'rejected') continue;
          await isRefused(answer.value.refreshToken);
          expect(await isRevoked(answer.value)).toBe(true);
        }
      }),
      { numRuns: propertyRuns(10) },
    );
  });

  it('that is a guess, another session’s, or no token at all is refused alike, and ends nothing', async () => {
    const [session, other] = [await signUp(), await signUp()];
    const [head, shared, own] = session.refreshToken.split('.');
    const [otherHead, otherShared, otherOwn] = other.refreshToken.split('.');
    const query = 'mutation ($i: RefreshSessionInput!) { refreshSession(input: $i) { token } }';
    const answers = await Promise.all(
      [
        `${head}.${otherShared}.${otherOwn}`,
        `${head}.${otherShared}.${own}`,
        `${otherHead}.${shared}.${own}`,
        `rookery_rt_${crypto.randomUUID()}.${shared}.${own}`,
        session.token,
        '',
        '\u0000',
        'x'.repeat(100_000),
      ].map((refreshToken) => replicas[0].post(null, query, { i: { refreshToken } })),
    );
    expect(answers[0]?.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    for (const each of [session, other]) await refresh(each.refreshToken);
  });
});

describe('a session', () => {
  const change = (session: Payload, by: Mutation = replicas[0]) =>
    insist(() =>
      by.mutate(session.user.id, 'changePassword', {
        currentPassword: password,
        newPassword: 'another secret',
      }),
    );
  const logOut = async (viewer: string) => {
    const { errors = [] } = await replicas[0].post(viewer, 'mutation { logOut }');
    for (const { extensions } of errors) throw new Error(extensions.code);
  };
  const endings: readonly (readonly [string, (session: Payload) => Promise<unknown>])[] = [
    ['logging out everywhere', ({ user }) => insist(() => logOut(user.id))],
    ['another password', (session) => change(session)],
    ['suspension', ({ user }) => suspend(user.id)],
  ];

  it.each(endings)('ends by %s, also while it is refreshed', async (_how, end) => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 20 }), fc.boolean(), async (turns, second) => {
        const session = await signUp();
        const ended = end(session);
        for (let i = 0; i < turns; i++) await new Promise(setImmediate);
        const during = await refresh(session.refreshToken, replicas[second ? 1 : 0]).catch(() => undefined);
        await ended;
        await isRefused(session.refreshToken);
        expect(await isRevoked(session)).toBe(true);
        if (during === undefined) return;
        await isRefused(during.refreshToken);
        expect(await isRevoked(during)).toBe(true);
      }),
      { numRuns: propertyRuns(10) },
    );
  });

  it('does not begin by a log-in that another password or a suspension overtakes', async () => {
    for (let turn = 0; turn < 8; turn++) {
      const session = await signUp();
      const { handle, id } = session.user;
      const end = turn % 2 ? change(session, replicas[1]) : suspend(id).then(() => undefined);
      const attempts = await Promise.allSettled(
        Array.from({ length: 3 }, () =>
          insist(() => replicas[0].mutate(null, 'logIn', { handle, password })),
        ),
      );
      const changed = await end;
      for (const attempt of attempts) {
        if (attempt.status === 'rejected') continue;
        await isRefused(attempt.value.refreshToken);
        expect(await isRevoked(attempt.value)).toBe(true);
      }
      expect(await sessionsOf(id)).toHaveLength(turn % 2);
      if (changed) {
        expect(await isRevoked(changed)).toBe(false);
        await refresh(changed.refreshToken);
      }
    }
  });

  it('may begin if the newest decision of moderators says so, in whichever order they come', async () => {
    const time = new Date().toISOString();
    const ids = [newId(), newId(), newId()].sort();
    for (let turn = 0; turn < 8; turn++) {
      const { id } = (await signUp()).user;
      const decisions = ids.map((event, i) => ({ event, suspends: (turn & (1 << i)) !== 0 }));
      const orders = [decisions, decisions.toReversed(), [...decisions.slice(1), ...decisions.slice(0, 1)]];
      await Promise.all(
        (orders[turn % 3] ?? []).map(({ event, suspends }) =>
          insist(() => sessions[suspends ? 'suspend' : 'unsuspend'](id, { time, id: event })),
        ),
      );
      const { rows } = await database.query(
        'select suspended_at is not null as suspended from accounts.accounts where id = $1',
        [id],
      );
      expect(rows).toEqual([{ suspended: decisions.at(-1)?.suspends }]);
    }
  });

  it('makes room for a new one when there are too many, however many begin at once', async () => {
    const session = await signUp();
    const { handle, id } = session.user;
    const begun = await Promise.all(
      Array.from({ length: 60 }, (_, i) =>
        insist(() => replicas[i % 2 ? 1 : 0].mutate(null, 'logIn', { handle, password })),
      ),
    );
    expect(await sessionsOf(id)).toHaveLength(50);
    await isRefused(session.refreshToken);
    const left = new Set((await sessionsOf(id)).map(({ sid }) => sid));
    const kept = begun.find((each) => left.has(sidOf(each)));
    await refresh(kept?.refreshToken ?? '');
  });

  it('expires unless it is refreshed, ends at its age, and is deleted when others begin', async () => {
    await using own = await startMutationSubgraph({
      ...ground,
      env: { ...ground.env, REFRESH_TTL: '600', SESSION_TTL: '900' },
    });
    const session = await signUp(own);
    const left = (payload: Payload) => (Date.parse(payload.refreshExpiresAt) - Date.now()) / 1_000;
    expect(left(session)).toBeGreaterThan(500);
    expect(left(session)).toBeLessThan(610);
    await database.query(
      "update accounts.sessions set ends_at = ends_at - interval '600 seconds' where sid = $1",
      [sidOf(session)],
    );
    const refreshed = await refresh(session.refreshToken, own);
    expect(left(refreshed)).toBeLessThan(310);
    await database.query(
      "update accounts.sessions set expires_at = clock_timestamp() - interval '1 second' where sid = $1",
      [sidOf(session)],
    );
    await isRefused(refreshed.refreshToken, own);
    expect(await isRevoked(refreshed)).toBe(false);
    const { handle } = (await signUp()).user;
    await insist(() => own.mutate(null, 'logIn', { handle, password }));
    expect(await sessionsOf(session.user.id)).toEqual([]);
  });

  it('survives a restart of every process, and Postgres that is unreachable: nobody is logged out', async () => {
    const { hostname, port } = new URL(ground.database.url);
    await using link = await startFaultProxy({ host: hostname, port: Number(port) });
    await using next = await startMutationSubgraph({
      ...ground,
      env: { ...ground.env, POSTGRES_URL: link.through(ground.database.url) },
    });
    const session = await signUp();
    let current = (await refresh(session.refreshToken, next)).refreshToken;
    for (const kind of ['half-open', 'cut'] as const) {
      link.set({ kind });
      const took = startStopwatch();
      await expect(next.mutate(null, 'refreshSession', { refreshToken: current })).rejects.toThrow(
        'SERVICE_UNAVAILABLE',
      );
      expect(took()).toBeLessThan(2_500);
      link.set({ kind: 'pass' });
      const { refreshToken } = await eventually(() =>
        next.mutate(null, 'refreshSession', { refreshToken: current }),
      );
      current = refreshToken;
    }
    expect(await isRevoked(session)).toBe(false);
  });
});
