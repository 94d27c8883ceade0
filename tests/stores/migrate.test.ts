import pg from 'pg';
import { expect, it } from 'vitest';
import { freshDatabase, freshNats } from '../support/index.ts';
import { ops, opsEnv } from '../support/ops.ts';
import { askDirectly } from '../support/servers/ask-directly.ts';

it('ops migrate creates what is missing in empty stores, again and again', async () => {
  await using database = await freshDatabase();
  await using nats = await freshNats();
  // Redis needs no preparation, and is not asked.
  const env = opsEnv(database.url, nats.url);
  const first = await ops(env, 'migrate');
  expect([first.code, first.err]).toEqual([0, '']);
  expect(first.json.parts.map(({ name }: { name: string }) => name)).toEqual([
    'accounts',
    'event store',
    'documents',
    'queue',
  ]);
  expect((await Promise.all([ops(env, 'migrate'), ops(env, 'migrate')])).map(({ code }) => code)).toEqual([
    0, 0,
  ]);

  const client = new pg.Client(database.url);
  await client.connect();
  const { rows } = await client.query(
    'select to_regclass(name) is not null as found from unnest($1::text[]) as name',
    [['accounts.accounts', 'event_store.events', 'documents.posts']],
  );
  await client.end();
  expect(rows.map(({ found }) => found)).toEqual([true, true, true]);
  await askDirectly(nats.url, async (jsm) => {
    expect((await jsm.streams.names().next()).map(String).sort()).toEqual(
      expect.arrayContaining(['ACTIVITY', 'RECORDED']),
    );
  });
});

it('ops migrate names the store that does not answer, and ends with 1', async () => {
  await using database = await freshDatabase();
  const env = opsEnv(database.url, 'nats://127.0.0.1:1');
  const { code, json } = await ops(env, 'migrate', '--wait', '3');
  expect(code).toBe(1);
  expect(
    json.parts.filter(({ ok }: { ok: boolean }) => !ok).map(({ name }: { name: string }) => name),
  ).toContain('queue');
});
