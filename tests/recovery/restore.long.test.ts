import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { openEventStore, type StoreTerm } from '@rookery/event-store';
import { openTwoStores } from '@rookery/failover/two-stores';
import { openQueue } from '@rookery/message-queue';
import { createLog } from '@rookery/runtime';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { Client } from '../support/clients/client.ts';
import { createHistory } from '../support/events/history.ts';
import { eventually } from '../support/eventually.ts';
import { type Account, freshDatabase, freshNats, startSystem, useServers } from '../support/index.ts';
import { ops } from '../support/ops.ts';

const log = createLog('test', 'silent');
const folder = () => mkdtempSync(join(useServers().dir, 'backup-'));
const publish = 'mutation ($body: String!) { publishPost(input: { body: $body }) { post { id } } }';

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
    const client = new pg.Client({ connectionString: backup.url });
    await client.connect();
    await client.query('update event_store.events set actor = gen_random_uuid() where position = 200');
    await client.end();
    expect((await ops(away, 'audit', '--backup')).json).toMatchObject({ flaw: { position: 200 } });
    expect((await ops(both, 'audit')).json).toMatchObject({ whole: true });
  });
});
