import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { freshNats, freshPostgres, freshRedis, startSystem } from '../support/index.ts';
import { ops } from '../support/ops.ts';
import { Writer } from './writers.ts';

interface Row {
  readonly name: string;
  readonly state: string;
}

it('ops status tells of each fallback whether it is ready, in use or down', {
  timeout: 240_000,
}, async () => {
  const [first, backup, standbyDocuments, standbyRedis, second] = await Promise.all([
    freshPostgres(),
    freshPostgres(),
    freshPostgres(),
    freshRedis(),
    freshNats(),
  ]);
  await using servers = new AsyncDisposableStack();
  for (const server of [first, backup, standbyDocuments, standbyRedis, second]) servers.use(server);
  const documents = servers.use(await freshPostgres());
  await using system = await startSystem({
    postgresUrl: first.url,
    documentsUrl: documents.url,
    env: {
      NATS_REDUNDANT_URL: second.url,
      EVENT_STORE_BACKUP_URL: backup.url,
      DOCUMENTS_STANDBY_URL: standbyDocuments.url,
      REDIS_STANDBY_URL: standbyRedis.url,
    },
  });
  const writer = new Writer(system, await system.signUp());
  await writer.writeMany(3);

  const states = async (): Promise<Record<string, string>> => {
    const { json } = await ops(system.env, 'status');
    return Object.fromEntries(json.fallbacks.map(({ name, state }: Row) => [name, state]));
  };
  /** Repeated, for a breaker needs a moment to notice; nothing else may be said to be in use, or down, meanwhile. */
  const become = async (wanted: Readonly<Record<string, string>>): Promise<void> => {
    let last: unknown;
    await eventually(
      async () => {
        last = await states();
        return JSON.stringify(last) === JSON.stringify({ ...calm, ...wanted });
      },
      { within: 60_000, what: `the state ${JSON.stringify(wanted)}` },
    ).catch((cause) => {
      throw new Error(`last was ${JSON.stringify(last)}`, { cause });
    });
  };
  const calm = {
    'first queue': 'up',
    'second queue': 'ready',
    'primary store': 'up',
    'backup store': 'ready',
    'standby documents': 'ready',
    'standby Redis': 'ready',
    'dead letters': '0',
  };
  await become({});
  expect((await ops(system.env, 'status')).code).toBe(0);

  // Nobody feeds these documents: a stand-in that comes up empty is not one yet.
  const unfed = await ops({ ...system.env, DOCUMENTS_STANDBY_URL: first.url }, 'status');
  expect(unfed.json.fallbacks).toContainEqual(
    expect.objectContaining({ name: 'standby documents', state: 'FILLING' }),
  );
  expect(unfed.code).toBe(1);

  await system.servers.nats.kill();
  await writer.writeMany(1);
  await become({ 'first queue': 'DOWN', 'second queue': 'IN USE' });
  await system.servers.nats.restart();
  await become({});

  await second.kill();
  await become({ 'second queue': 'DOWN' });
  await second.restart();
  await become({});

  await documents.kill();
  await become({ 'standby documents': 'IN USE', 'standby Redis': 'IN USE' });
  await documents.restart();
  await become({});

  await standbyRedis.kill();
  await become({ 'standby Redis': 'DOWN' });
  await standbyRedis.restart();
  await become({});

  await backup.kill();
  await become({ 'backup store': 'DOWN' });
  await backup.restart();
  await become({});

  await first.kill();
  await become({ 'primary store': 'DOWN', 'backup store': 'IN USE' });
  expect((await ops(system.env, 'status')).code).toBe(1);
  await first.restart();
  await become({});
});
