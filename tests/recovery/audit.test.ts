import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openHeads } from '@rookery/audit';
import { type EventStore, openAuditLog, openEventStore, watchAudits } from '@rookery/event-store';
import { createLog, newId, Registry, samplesOf } from '@rookery/runtime';
import { makeEvent, writeEvent } from '@rookery/schema/events';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHistory } from '../support/events/history.ts';
import {
  type FreshDatabase,
  type FreshServer,
  freshDatabase,
  freshNats,
  useServers,
} from '../support/index.ts';
import { ops } from '../support/ops.ts';

const log = createLog('test', 'silent');
const events = 2_500;

describe('the audit', () => {
  let database: FreshDatabase;
  let store: EventStore;
  let client: pg.Client;
  let nats: FreshServer;
  let env: NodeJS.ProcessEnv;
  const history = createHistory();

  beforeAll(async () => {
    [database, nats] = await Promise.all([freshDatabase(), freshNats()]);
    store = openEventStore(database.url, { log });
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    env = {
      POSTGRES_URL: database.url,
      DOCUMENTS_URL: database.url,
      NATS_URL: nats.url,
      REDIS_URL: 'redis://127.0.0.1:1',
      DATA_DIR: mkdtempSync(join(useServers().dir, 'none-')),
    };
    await store.prepare();
    const writer = await store.acquireWriter(new AbortController().signal);
    for (let i = 0; i < events / 250; i++) await writer.append(history.next(250));
    await writer.release();
    await client.query('create table event_store.kept as table event_store.events');
  });
  afterAll(async () => {
    await client.end();
    await store.close();
    await nats.stop();
    await database.drop();
  });
  /** As it was recorded. */
  beforeEach(async () => {
    await client.query(
      'truncate event_store.events; insert into event_store.events select * from event_store.kept',
    );
  });
  const audit = async (...more: string[]) => {
    const { code, json } = await ops(env, 'audit', ...more);
    return { code, flaw: json.flaw as { position: number; kind: string } | null, json };
  };
  /** Positions from here on move by so many, as who can write any row could do it. */
  const shift = (from: number, by: number) =>
    client.query(
      `update event_store.events set position = -position where position >= ${from};
       update event_store.events set position = -position + ${by} where position < 0`,
    );

  it('proves a whole log', async () => {
    expect(await audit()).toMatchObject({ code: 0, flaw: null, json: { whole: true, events, noted: true } });
  });

  it('leaves its result to the metrics of the recorder', async () => {
    const auditLog = openAuditLog(database.url, { log });
    const registry = new Registry();
    watchAudits(registry, auditLog);
    const metric = async (name: string) =>
      samplesOf(await registry.metrics(), name).map(({ value }) => value);
    try {
      await client.query('truncate event_store.audits');
      expect(await metric('rookery_event_store_audit_passed')).toEqual([]);
      expect(await metric('rookery_event_store_audited_seconds')).toEqual([0]);
      const before = Date.now() / 1_000;
      await audit();
      expect(await metric('rookery_event_store_audit_passed')).toEqual([1]);
      await client.query('delete from event_store.events where position = 7');
      await audit();
      expect(await metric('rookery_event_store_audit_passed')).toEqual([0]);
      const [at = 0] = await metric('rookery_event_store_audited_seconds');
      expect(at).toBeGreaterThan(before - 1);
      expect(await auditLog.lastAudit()).toMatchObject({
        events: 6,
        flaw: expect.stringMatching(/^position 7 /),
      });
    } finally {
      await auditLog.close();
    }
  });

  it.each([
    [
      'an edited event',
      1_234,
      'edited',
      `update event_store.events set event = replace(event::text, '"1.0"', '"1.0" ')::json where position = 1234`,
    ],
    [
      'an edited column',
      77,
      'edited',
      `update event_store.events set actor = gen_random_uuid() where position = 77`,
    ],
    [
      'another time of recording',
      9,
      'edited',
      `update event_store.events set recorded_at = recorded_at + interval '1 s' where position = 9`,
    ],
    [
      'an edited hash',
      1_000,
      'edited',
      `update event_store.events set hash = sha256('x') where position = 1000`,
    ],
    [
      'a hash that is gone',
      2_000,
      'no hash',
      'update event_store.events set hash = null where position = 2000',
    ],
    ['a hole', 500, 'deleted', 'delete from event_store.events where position = 500'],
  ])('names %s', async (_, position, kind, sql) => {
    await client.query(sql);
    expect(await audit()).toMatchObject({ code: 1, flaw: { position, kind } });
  });

  it('names a row that was taken out though the others closed the gap', async () => {
    await client.query('delete from event_store.events where position = 700');
    await shift(701, -1);
    expect(await audit()).toMatchObject({ code: 1, flaw: { position: 700 } });
  });

  it('names a row that was put in', async () => {
    await shift(800, 1);
    await client.query(
      `insert into event_store.events select 800, gen_random_uuid(), type, subject, actor, null, occurred_at, recorded_at, event, hash
       from event_store.events where position = 10`,
    );
    expect(await audit()).toMatchObject({ code: 1, flaw: { position: 800, kind: 'inserted' } });
  });

  it.each([
    [600, 601],
    [600, 650],
    [990, 1_010],
  ])('names rows that changed places: %i and %i', async (a, b) => {
    await client.query(
      `update event_store.events set position = -1 where position = ${a};
       update event_store.events set position = ${a} where position = ${b};
       update event_store.events set position = ${b} where position = -1`,
    );
    expect(await audit()).toMatchObject({ code: 1, flaw: { position: a, kind: 'reordered' } });
  });

  it('finds out a store that was cut off, or wholly rewritten, by published heads', async () => {
    const file = pathToFileURL(join(mkdtempSync(join(useServers().dir, 'heads-')), 'heads.jsonl')).href;
    const auditLog = openAuditLog(database.url, { log });
    const places = [file, `${nats.url}/audit_heads`];
    try {
      const head = await auditLog.head();
      for (const place of places) {
        const heads = openHeads(place, { log });
        const [row] = await auditLog.rows(999, 1);
        const at = new Date().toISOString();
        await heads.publish({ position: 1_000, hash: row?.hash?.toString('hex') ?? '', at });
        await heads.publish({ position: events, hash: head?.hash.toString('hex') ?? '', at });
        await heads.close();
        expect(await audit('--heads', place)).toMatchObject({ code: 0, json: { heads: 2 } });
      }
    } finally {
      await auditLog.close();
    }
    await client.query('delete from event_store.events where position > 2400');
    expect(await audit()).toMatchObject({ code: 0 });
    for (const place of places) {
      expect(await audit('--heads', place)).toMatchObject({
        code: 1,
        flaw: { position: 2_401, kind: 'cut off' },
      });
    }
    // Rewrites everything, including the chain.
    await client.query('truncate event_store.events');
    const writer = await store.acquireWriter(new AbortController().signal);
    for (let i = 0; i < events / 250; i++) await writer.append(createHistory({ seed: i + 2 }).next(250));
    await writer.release();
    expect(await audit()).toMatchObject({ code: 0 });
    for (const place of places) {
      expect(await audit('--heads', place)).toMatchObject({
        code: 1,
        flaw: { position: 1_000, kind: 'rewritten' },
      });
    }
  });

  it('cannot be run against published heads that are missing, and creates none', async () => {
    const missing = pathToFileURL(join(mkdtempSync(join(useServers().dir, 'heads-')), 'heads.jsonl'));
    for (const place of [missing.href, `${nats.url}/no_heads`]) {
      // Twice: the first run must not leave an empty place behind that the second takes for published heads.
      for (let run = 1; run <= 2; run++) {
        const { code, err } = await ops(env, 'audit', '--heads', place);
        expect({ place, code }).toEqual({ place, code: 3 });
        expect(err).toContain('no published heads at');
      }
    }
    writeFileSync(missing, '');
    expect((await ops(env, 'audit', '--heads', missing.href)).code).toBe(3);
  });

  it('gives rows that are older than the chain their hashes when a writer begins', async () => {
    await client.query('update event_store.events set hash = null where position > 1100');
    expect(await audit()).toMatchObject({ code: 1, flaw: { position: 1_101, kind: 'no hash' } });
    await (await store.acquireWriter(new AbortController().signal)).release();
    expect(await audit()).toMatchObject({ code: 0, json: { events } });
    const { rows } = await client.query(
      'select count(*)::int as n from event_store.events e join event_store.kept k using (position) where e.hash = k.hash',
    );
    expect(rows).toEqual([{ n: events }]);
  });

  it('reports that it cannot run if the store is down', async () => {
    const away = { ...env, POSTGRES_URL: 'postgres://127.0.0.1:1/none' };
    expect((await ops(away, 'audit')).code).toBe(3);
    expect((await ops(env, 'audit', 'everything')).code).toBe(2);
  });

  it('history tells who did what, by handle', async () => {
    const { code, json } = await ops(env, 'history', '@User_3');
    expect(code).toBe(0);
    expect(json[0]).toMatchObject({ verb: 'SIGN_UP', handle: 'user_3', position: 3 });
    expect(
      json.some(
        (deed: { verb: string; subjectHandle: string }) =>
          deed.verb === 'FOLLOW' && deed.subjectHandle === 'user_3',
      ),
    ).toBe(true);
    const post = await ops(env, 'history', history.posts[0] ?? '');
    expect(post.json[0]).toMatchObject({ verb: 'POST', subject: history.posts[0] });
    expect((await ops(env, 'history', 'nobody_at_all')).code).toBe(1);
    const [user = ''] = history.users;
    const writer = await store.acquireWriter(new AbortController().signal);
    const change = makeEvent({
      ...{ name: 'rookery.user.handle-changed', id: newId(), subject: user, actor: user },
      ...{ time: new Date().toISOString(), data: { handle: 'user_99' } },
    });
    await writer.append([writeEvent(change)]);
    await writer.release();
    const renamed = (await ops(env, 'history', '@user_99')).json;
    expect(renamed[0]).toMatchObject({ actor: user, handle: 'user_1', verb: 'SIGN_UP' });
    expect(renamed.at(-1)).toMatchObject({ actor: user, handle: 'user_99', verb: 'CHANGE_HANDLE' });
    expect((await ops(env, 'history', '@user_1')).json).toEqual(renamed);
  });
});
