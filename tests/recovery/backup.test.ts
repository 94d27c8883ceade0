import { appendFileSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { openEventStore } from '@rookery/event-store';
import { openAccountDatabase, openAccountTable } from '@rookery/mutation/accounts';
import { createLog, newId } from '@rookery/runtime';
import { describe, expect, it } from 'vitest';
import { createHistory } from '../support/events/history.ts';
import { freshDatabase, freshNats, useServers } from '../support/index.ts';
import { ops, opsEnv } from '../support/ops.ts';
import { runSql } from '../support/servers/run-sql.ts';

const log = createLog('test', 'silent');
const folder = () => mkdtempSync(join(useServers().dir, 'backup-'));

describe('a backup', () => {
  it('goes on after a kill, on either side, and refuses what is not whole', async () => {
    const dir = folder();
    await using one = await freshDatabase();
    await using nats = await freshNats();
    const env = (url: string) => ({ ...opsEnv(url, nats.url), DATA_DIR: folder() });
    const store = openEventStore(one.url, { log });
    await store.prepare();
    const writer = await store.acquireWriter(new AbortController().signal);
    const history = createHistory();
    for (let i = 0; i < 6; i++) await writer.append(history.next(500));
    expect((await ops(env(one.url), 'export', '--to', dir)).json).toMatchObject({
      events: 3_000,
      added: 3_000,
    });
    for (let i = 0; i < 2; i++) await writer.append(history.next(500));
    await writer.release();
    // Remains of a kill: a file that the manifest does not name.
    appendFileSync(join(dir, 'events-000000003001.jsonl.gz.new'), 'half of it');
    expect((await ops(env(one.url), 'export', '--to', dir)).json).toMatchObject({
      events: 4_000,
      added: 1_000,
    });

    await using two = await freshDatabase();
    expect((await ops(env(two.url), 'import', '--from', dir)).json).toMatchObject({ added: 4_000 });
    expect((await ops(env(two.url), 'import', '--from', dir)).json).toMatchObject({ added: 0 });
    const other = openEventStore(two.url, { log });
    expect(await other.read(0, 10_000)).toEqual(await store.read(0, 10_000));
    await other.close();
    await store.close();
    expect((await ops(env(two.url), 'audit')).json).toMatchObject({ whole: true, events: 4_000 });

    // Another store's history is not mixed into it.
    await using three = await freshDatabase();
    const stranger = openEventStore(three.url, { log });
    await stranger.prepare();
    const strange = await stranger.acquireWriter(new AbortController().signal);
    await strange.append(createHistory({ seed: 9 }).next(10));
    const busy = await ops(env(three.url), 'import', '--from', dir);
    expect([busy.code, busy.err]).toEqual([3, expect.stringContaining('stop it first')]);
    await strange.release();
    await stranger.close();
    const mixed = await ops(env(three.url), 'import', '--from', dir);
    expect([mixed.code, mixed.err]).toEqual([3, expect.stringContaining('another history')]);
    expect((await ops(env(three.url), 'export', '--to', dir)).code).toBe(3);

    const part = readdirSync(dir).find((file) => file.startsWith('events-')) ?? '';
    const whole = readFileSync(join(dir, part));
    expect(whole.length).toBeGreaterThan(100);
    const bent = Buffer.from(whole);
    bent.writeUInt8(bent.readUInt8(50) ^ 1, 50);
    await using four = await freshDatabase();
    for (const wrong of [bent, Buffer.concat([whole, Buffer.from('x')])]) {
      writeFileSync(join(dir, part), wrong);
      const flawed = await ops(env(four.url), 'import', '--from', dir);
      expect([flawed.code, flawed.err]).toEqual([3, expect.stringContaining('checksum')]);
    }
  });
});

it('a backup holds no session, whose refresh token may be revoked, and of each handle the event that gave it', async () => {
  const dir = folder();
  await using database = await freshDatabase();
  await using nats = await freshNats();
  const env = { ...opsEnv(database.url, nats.url), DATA_DIR: folder() };
  const table = openAccountTable(openAccountDatabase(database.url, log));
  await table.prepare();
  await table.close();
  const store = openEventStore(database.url, { log });
  await store.prepare();
  const writer = await store.acquireWriter(new AbortController().signal);
  const recorded = createHistory().next(10);
  await writer.append(recorded);
  const [told, untold] = recorded.map(({ id }) => id);
  const lost = newId();
  for (const [id, renamed] of [
    [told, recorded[2]?.id],
    [untold, lost],
  ])
    await runSql(
      database.url,
      `insert into accounts.accounts (id, handle, skeleton, password_hash, joined_at, renamed)
       values ('${id}', '${id}', '${id}', 'x', now(), '{"id": "${renamed}"}')`,
    );
  await writer.release();
  await store.close();
  expect((await ops(env, 'backup', '--to', dir)).code).toBe(0);
  const files = readdirSync(dir);
  expect(files.some((file) => file.includes('accounts.revocations'))).toBe(true);
  expect(files.filter((file) => file.includes('sessions'))).toEqual([]);
  const text = gunzipSync(readFileSync(join(dir, 'accounts.accounts.jsonl.gz'))).toString();
  const accounts = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(JSON.parse(line)));
  expect(accounts.map(({ id, outbox }) => [id, outbox])).toEqual([
    [told, null],
    [untold, { id: lost }],
  ]);

  await using other = await freshDatabase();
  const restored = async () => {
    const { json } = await ops({ ...env, ...opsEnv(other.url, nats.url) }, 'import', '--from', dir);
    const { tables } = json as { tables: { table: string; rows: number; added: number }[] };
    return tables.find(({ table }) => table === 'accounts.accounts');
  };
  expect(await restored()).toMatchObject({ rows: 2, added: 2 });
  // A row that is there may be newer than the backup.
  const password = () =>
    runSql(other.url, `select password_hash from accounts.accounts where id = '${told}'`);
  await runSql(other.url, `update accounts.accounts set password_hash = 'newer' where id = '${told}'`);
  expect(await restored()).toMatchObject({ rows: 2, added: 0 });
  expect(await password()).toEqual([{ password_hash: 'newer' }]);
});
