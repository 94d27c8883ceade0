import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { EventArchivedError, openEventStore } from '@rookery/event-store';
import { openAccountDatabase, openAccountTable } from '@rookery/mutation/accounts';
import { createLog, newId } from '@rookery/runtime';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { createHistory } from '../support/events/history.ts';
import { freshDatabase, freshNats, useServers } from '../support/index.ts';
import { ops, opsEnv } from '../support/ops.ts';
import { readAll } from '../support/systems/recorder-world.ts';

const log = createLog('test', 'silent');
const folder = () => mkdtempSync(join(useServers().dir, 'archive-'));

/** An event store of 3,500 events in partitions of 1,000. */
const setUp = async () => {
  await using undo = new AsyncDisposableStack();
  const { url } = undo.use(await freshDatabase());
  const nats = undo.use(await freshNats());
  const dir = folder();
  const env = {
    ...opsEnv(url, nats.url),
    DATA_DIR: folder(),
    EVENT_PARTITION_SIZE: '1000',
    EVENT_ARCHIVE_DIR: dir,
  };
  const accounts = openAccountTable(openAccountDatabase(url, log));
  await accounts.prepare();
  await accounts.close();
  const store = openEventStore(url, { log, partitionSize: 1_000, archiveDir: dir });
  undo.defer(() => store.close());
  await store.prepare();
  const writer = await store.acquireWriter(new AbortController().signal);
  const history = createHistory();
  for (let i = 0; i < 7; i++) await writer.append(history.next(500));
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  undo.defer(() => client.end());
  const resources = undo.move();
  return { url, dir, env, store, writer, client, [Symbol.asyncDispose]: () => resources.disposeAsync() };
};

describe('archived partitions', () => {
  it('are read like all others: by pages, audit, history, and whoever looks for an event', async () => {
    await using world = await setUp();
    const { url, dir, env, store, writer, client } = world;
    const before = await readAll(store);
    const historyBefore = (await ops(env, 'history', 'user_1')).json;
    expect(historyBefore.length).toBeGreaterThan(10);

    // Partitions that are not old enough stay.
    expect((await ops(env, 'archive')).json).toEqual({ archived: [], flaw: null });
    expect((await ops(env, 'archive', '--keep', '1500')).json).toEqual({
      archived: [
        { first: 1, last: 1_000 },
        { first: 1_001, last: 2_000 },
      ],
      flaw: null,
    });
    expect((await ops(env, 'archive', '--keep', '0')).json).toMatchObject({ archived: [{ first: 2_001 }] });
    const { rows } = await client.query('select min(position)::int as first from event_store.events');
    expect(rows).toEqual([{ first: 3_001 }]);

    expect(await readAll(store)).toEqual(before);
    for (const [after, limit] of [
      [998, 5],
      [2_990, 300],
      [0, 1],
      [3_499, 9],
    ] as const)
      expect(await store.read(after, limit)).toEqual(before.slice(after, after + limit));
    expect((await ops(env, 'audit')).json).toMatchObject({ whole: true, events: 3_500 });
    expect((await ops(env, 'history', 'user_1')).json).toEqual(historyBefore);
    const old = before[1_234];
    expect(await store.byId(old?.event.id ?? '')).toEqual(old);
    expect(await store.positionOf(before[7]?.event.id ?? '')).toBe(8);

    // An archived event is not recorded a second time, and new ones are.
    const again = await writer.append(before.slice(0, 20).map(({ event }) => event));
    expect([again.recorded.length, again.duplicates.length]).toEqual([0, 20]);
    const [one] = before;
    if (!one) throw new Error('no event');
    expect((await writer.append([{ ...one.event, id: newId() }])).recorded[0]?.position).toBe(3_501);

    // Another folder gets all of it, too.
    const copy = folder();
    expect((await ops(env, 'backup', '--to', copy)).json).toMatchObject({ events: 3_501, added: 3_501 });

    const without = openEventStore(url, { log });
    await expect(without.read(0, 10)).rejects.toThrow(EventArchivedError);
    expect(await without.read(3_000, 10)).toEqual(before.slice(3_000, 3_010));
    await without.close();
    const [part] = readdirSync(dir).filter((file) => file.startsWith('events-'));
    rmSync(join(dir, part ?? ''));
    const late = openEventStore(url, { log, archiveDir: dir });
    await expect(late.read(0, 10)).rejects.toThrow('not readable');
    await late.close();
    await writer.release();
  });

  it('are not removed if the database does not have what was recorded, or the archive something else', async () => {
    await using world = await setUp();
    const { env, writer, client } = world;
    await client.query(
      `update event_store.events set event = replace(event::text, '"1.0"', '"1.0" ')::json where position = 1500`,
    );
    const flawed = await ops(env, 'archive', '--keep', '0');
    expect([flawed.code, flawed.json]).toEqual([1, { archived: [{ first: 1, last: 1_000 }], flaw: 1_500 }]);
    const { rows } = await client.query('select min(position)::int as first from event_store.events');
    expect(rows).toEqual([{ first: 1_001 }]);
    await writer.release();
  });

  it('need a folder, and no backup event store', async () => {
    await using world = await setUp();
    const { env, url, writer } = world;
    const { EVENT_ARCHIVE_DIR: _, ...without } = env;
    expect((await ops(without, 'archive')).code).toBe(2);
    expect((await ops({ ...env, EVENT_STORE_BACKUP_URL: url }, 'archive')).code).toBe(2);
    await writer.release();
  });
});
