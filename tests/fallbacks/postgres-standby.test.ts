import { expect, it } from 'vitest';
import { Client } from '../support/clients/client.ts';
import { eventually } from '../support/eventually.ts';
import { type Account, startSystem } from '../support/index.ts';
import { ops } from '../support/ops.ts';
import { processTree } from '../support/process-tree.ts';
import { freeze } from '../support/servers/freeze.ts';
import { readQueue } from '../support/servers/read-queue.ts';
import { replicatedPostgres } from '../support/servers/replicated-postgres.ts';
import { runSql } from '../support/servers/run-sql.ts';
import { Writer } from './writers.ts';

/** Event store, accounts and documents are on one Postgres with a synchronous standby. */
it('the primary Postgres is killed and its standby promoted: nothing acknowledged is lost', {
  timeout: 300_000,
}, async () => {
  await using postgres = await replicatedPostgres();
  await using system = await startSystem({ database: postgres.database });
  const accounts: Account[] = [];
  const signUp = async () => accounts.push(await system.signUp());
  for (let i = 0; i < 3; i++) await signUp();
  const writers = accounts.map((account) => new Writer(system, account));
  const write = (count: number) => Promise.all(writers.map((writer) => writer.writeMany(count)));
  await write(10);
  for (const writer of writers) await writer.seesAll();

  // The standby hears nothing: what the recorder has in hand is not committed, and so not relayed.
  await freeze(...processTree(postgres.standby.pid));
  await write(5);
  const { recorded } = await readQueue(system.servers.nats.url);
  await postgres.primary.kill();
  postgres.standby.signal('SIGCONT');
  await write(5);
  const began = performance.now();
  await postgres.promote();
  await eventually(signUp, { what: 'a sign-up' });
  const accountsMs = Math.round(performance.now() - began);
  await write(5);
  for (const writer of writers) await writer.seesAll();
  const allMs = Math.round(performance.now() - began);

  const url = postgres.standby.url.replace(/\/postgres$/, '/rookery');
  const rows = await runSql(url, 'select position::int, id::text from event_store.events order by position');
  expect(rows.map(({ position }) => position)).toEqual(rows.map((_, i) => i + 1));
  expect(rows.length).toBeGreaterThanOrEqual(recorded);
  const ids = new Set(rows.map(({ id }) => id));
  expect(ids.size).toBe(rows.length);
  for (const { accepted } of writers) for (const id of accepted.keys()) expect(ids).toContain(id);
  for (const { handle, password } of accounts) {
    const { logIn } = await new Client(system.gatewayUrl).ask<{ logIn: { token: string } }>(
      'mutation ($input: LogInInput!) { logIn(input: $input) { token } }',
      { input: { handle, password } },
    );
    expect(logIn.token).toEqual(expect.any(String));
  }
  const { code, json } = await ops(system.env, 'audit');
  expect({ code, json }).toMatchObject({ code: 0, json: { whole: true, flaw: null } });
  // The logins are events, too.
  expect(json.events).toBeGreaterThanOrEqual(rows.length);
  const restarts = ['mutation', 'recorder', 'projector', 'query'] as const;
  for (const name of restarts) expect(system.pid(name)).toBeDefined();
  console.log(JSON.stringify({ accountsMs, allMs, events: rows.length }));
});
