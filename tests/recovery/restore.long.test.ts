import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { type Documents, openDocuments } from '@rookery/document-store';
import { openEventStore, type StoreTerm } from '@rookery/event-store';
import { openTwoStores } from '@rookery/failover/two-stores';
import { openQueue } from '@rookery/message-queue';
import type { CheckpointDoc, RebuildDoc } from '@rookery/read-models';
import { projectionNames } from '@rookery/read-models/reducers';
import { createLog, readMetric } from '@rookery/runtime';
import { cloneDir, spawnChild } from '@rookery/stack';
import { describe, expect, it } from 'vitest';
import { Client } from '../support/clients/client.ts';
import { createHistory } from '../support/events/history.ts';
import { eventually, until } from '../support/eventually.ts';
import {
  type Account,
  freshDatabase,
  freshNats,
  type System,
  startSystem,
  useServers,
} from '../support/index.ts';
import { ops } from '../support/ops.ts';
import { runSql } from '../support/servers/run-sql.ts';

const log = createLog('test', 'silent');
const folder = () => mkdtempSync(join(useServers().dir, 'backup-'));
const publish = 'mutation ($body: String!) { publishPost(input: { body: $body }) { post { id } } }';

/** Enough for read models to be built in bulk. */
const many = 12_000;
/** Phases of a rebuild in their order. */
const phases = ['load', 'count', 'catch-up', 'join', 'drain', 'done'] as const;

const openStoresOf = async ({ servers, documentsUrl }: System) => {
  const open = new AsyncDisposableStack();
  const closing = <S extends { close(): Promise<void> }>(store: S): S =>
    open.adopt(store, (one) => one.close());
  const queue = { url: servers.nats.url, replicas: 1, maxBytes: 2 ** 26, ackTimeoutMs: 2_000, log };
  return {
    documents: closing(await openDocuments(documentsUrl, { log })),
    eventStore: closing(openEventStore(servers.database.url, { log })),
    queue: closing(openQueue(queue)),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
};

/** Returns the number of the phase of the rebuild; -1 if there is none. */
const phaseOf = async (documents: Documents): Promise<number> => {
  const found = await documents.collection<RebuildDoc>('rebuilds').getMany(['current']);
  return phases.findIndex((phase) => phase === found.get('current')?.doc.phase);
};

/** Starts a restore, and kills it once the stores have reached a state. */
const killRestoreAt = async (
  env: NodeJS.ProcessEnv,
  dir: string,
  isReached: () => Promise<boolean>,
): Promise<void> => {
  const child = await spawnChild({
    name: 'ops restore',
    command: process.execPath,
    args: [join(cloneDir, 'ops/src/main.ts'), 'restore', '--from', dir],
    env: { ...process.env, ...env, LOG_LEVEL: 'warn' },
    cwd: cloneDir,
    logFile: join(dir, 'restore.log'),
  });
  // The store may not have its tables yet.
  await eventually(isReached, { within: 120_000, what: 'the state to be killed in' });
  child.kill('SIGKILL');
  expect((await child.exited).signal).toBe('SIGKILL');
};

describe('a backup', () => {
  it('is all that a new system needs: it verifies, and its users can log in', async () => {
    const dir = folder();
    const bodies = ['caw', 'NUL \u0000 and a quote "', 'lone \ud800 surrogate', 'مرحبا 🦉'];
    let account: Account;
    {
      await using system = await startSystem();
      account = await system.signUp();
      const friend = await system.signUp();
      const client = new Client(system.gatewayUrl, account.token);
      for (const body of bodies.slice(0, 2)) await client.ask(publish, { body }).catch(() => {});
      await client.ask(publish, { body: bodies[3] });
      await client.ask('mutation ($id: ID!) { followUser(input: { userId: $id }) { user { id } } }', {
        id: friend.id,
      });
      const store = openEventStore(system.servers.database.url, { log });
      await eventually(async () => (await store.head()) >= 4);
      await store.close();
      expect((await ops(system.env, 'export', '--to', dir)).code).toBe(0);
      // Brought up to date by the same command.
      await client.ask(publish, { body: 'one more' });
      const late = openEventStore(system.servers.database.url, { log });
      await eventually(async () => (await late.head()) >= 5);
      await late.close();
      const again = await ops(system.env, 'export', '--to', dir);
      expect(again).toMatchObject({ code: 0 });
      expect(again.json.added).toBeGreaterThan(0);
    }
    await using restored = await startSystem({ processes: [] });
    expect((await ops(restored.env, 'import', '--from', dir)).code).toBe(0);
    expect((await ops(restored.env, 'audit')).code).toBe(0);
    const names = ['mutation', 'recorder', 'projector', 'query', 'gateway'] as const;
    await Promise.all(names.map((name) => restored.start(name)));
    const verified = await ops(restored.env, 'verify');
    expect(verified).toMatchObject({ code: 0, json: { differences: [] } });
    expect(verified.json.documents).toBeGreaterThan(10);
    const login = await new Client(restored.gatewayUrl).ask<{ logIn: { user: { id: string } } }>(
      'mutation ($handle: String!, $password: String!) { logIn(input: { handle: $handle, password: $password }) { user { id } } }',
      { handle: account.handle, password: account.password },
    );
    expect(login.logIn.user.id).toBe(account.id);
  }, 180_000);

  it('is served in bulk, with what was accepted meanwhile, though each phase of the restore is killed', async () => {
    const dir = folder();
    const history = createHistory({ users: 200 });
    await using source = await freshDatabase();
    const filled = openEventStore(source.url, { log });
    await filled.prepare();
    const writer = await filled.acquireWriter(new AbortController().signal);
    for (let done = 0; done < many; done += 1_000) await writer.append(history.next(1_000));
    await writer.release();
    await filled.close();

    await using system = await startSystem({ processes: [], env: { EVENT_PARTITION_SIZE: '5000' } });
    const env = { ...system.env, POSTGRES_URL: source.url, DOCUMENTS_URL: source.url };
    expect((await ops(env, 'backup', '--to', dir)).code).toBe(0);

    await using stores = await openStoresOf(system);
    const { documents, eventStore, queue } = stores;
    // Accepted before there is a recorder.
    const accepted = history.next(30);
    await queue.prepare();
    for (const event of accepted) await queue.publish(event);
    // Documents of a history that was longer than the backup.
    await documents.prepare();
    const progress = documents.collection<CheckpointDoc>('progress');
    await progress.putMany([
      { id: 'posts', revision: 0, doc: { position: 1_000_000, at: new Date().toISOString(), epoch: 0 } },
    ]);

    await killRestoreAt(system.env, dir, async () => (await eventStore.head()) >= 2_000);
    for (const phase of ['load', 'count', 'drain'] as const)
      await killRestoreAt(system.env, dir, async () => (await phaseOf(documents)) >= phases.indexOf(phase));
    const restored = await ops(system.env, 'restore', '--from', dir);
    expect(restored).toMatchObject({ code: 0, json: { events: many, readModels: { failed: [] } } });
    const built = await progress.getMany(projectionNames);
    expect(projectionNames.map((name) => built.get(name)?.doc.position)).toEqual(
      projectionNames.map(() => many),
    );
    // Nothing is left to do.
    expect((await ops(system.env, 'restore', '--from', dir)).json).toMatchObject({
      added: 0,
      readModels: 'few',
    });

    const names = ['mutation', 'recorder', 'projector', 'query', 'gateway'] as const;
    await Promise.all(names.map((name) => system.start(name)));
    await system.ready();
    await system.signUp();
    const head = many + accepted.length + 1;
    await until('all is recorded', async () => (await eventStore.head()) === head);
    for (const { id } of accepted) expect(await eventStore.positionOf(id)).toBeGreaterThan(many);
    const verified = await ops(system.env, 'verify');
    expect(verified).toMatchObject({ code: 0, json: { differences: [] } });
    expect((await ops(system.env, 'audit')).json).toMatchObject({ whole: true, events: head });
    // The queue has carried only what is new.
    for (const projection of projectionNames) {
      const applied = await readMetric(system.metricsUrls.projector, 'rookery_projector_applied_total', {
        projection,
      });
      expect(applied).toBeGreaterThan(0);
      expect(applied).toBeLessThan(100);
    }
    const rows = await runSql(
      system.servers.database.url,
      'select last::int from event_store.partitions order by first limit 1',
    );
    expect(rows).toEqual([{ last: 5_000 }]);
  }, 600_000);

  it('can be made from the backup store while the primary is down; and that store is verified', async () => {
    const dir = folder();
    await using primary = await freshDatabase();
    await using backup = await freshDatabase();
    await using nats = await freshNats();
    const queue = openQueue({ url: nats.url, replicas: 1, maxBytes: 2 ** 26, ackTimeoutMs: 2_000, log });
    await queue.prepare();
    const fencingTokens = queue.fencingTokenStore<StoreTerm>('event-store');
    const store = openTwoStores({ url: primary.url, log, backupUrl: backup.url, fencingTokens });
    await store.prepare();
    const writer = await store.acquireWriter(new AbortController().signal);
    await writer.append(createHistory().next(300));
    await writer.release();
    await Promise.all([store.close(), queue.close()]);
    const both = {
      POSTGRES_URL: primary.url,
      EVENT_STORE_BACKUP_URL: backup.url,
      DOCUMENTS_URL: primary.url,
      NATS_URL: nats.url,
      REDIS_URL: 'redis://127.0.0.1:1',
      DATA_DIR: folder(),
    };
    const away = { ...both, POSTGRES_URL: 'postgres://127.0.0.1:1/none' };

    // The accounts are not there: what there is is kept, and called what it is.
    const half = await ops(away, 'export', '--to', dir);
    expect([half.code, half.json]).toEqual([1, expect.objectContaining({ store: 'backup', events: 300 })]);
    const refused = await ops({ ...both, POSTGRES_URL: backup.url }, 'import', '--from', dir);
    expect([refused.code, refused.err]).toEqual([3, expect.stringContaining('has not ended')]);
    const whole = await ops(both, 'export', '--to', dir);
    expect([whole.code, whole.json]).toEqual([
      0,
      expect.objectContaining({ store: 'primary', events: 300, added: 0, tables: expect.anything() }),
    ]);

    expect((await ops(away, 'audit')).code).toBe(3);
    expect((await ops(away, 'audit', '--backup')).json).toMatchObject({ whole: true, events: 300 });
    expect((await ops(away, 'history', 'user_1')).json[0]).toMatchObject({ verb: 'SIGN_UP', position: 1 });
    await runSql(backup.url, 'update event_store.events set actor = gen_random_uuid() where position = 200');
    expect((await ops(away, 'audit', '--backup')).json).toMatchObject({ flaw: { position: 200 } });
    expect((await ops(both, 'audit')).json).toMatchObject({ whole: true });
  });
});
