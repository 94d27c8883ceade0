import { newId } from '@rookery/runtime';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { startSystem } from '../support/index.ts';
import { freshNatsCluster } from '../support/servers/nats-cluster.ts';
import { runSql } from '../support/servers/run-sql.ts';
import { Writer } from './writers.ts';

it('the server that leads ACTIVITY is killed during writes: nothing is lost or doubled', {
  timeout: 300_000,
}, async () => {
  await using nats = await freshNatsCluster();
  await using system = await startSystem({ env: { NATS_URL: nats.url, QUEUE_REPLICAS: '3' } });
  const accounts = await Promise.all(Array.from({ length: 4 }, () => system.signUp()));
  const writers = accounts.map((account) => new Writer(system, account));
  let over = false;
  const refused = new Map<string, number>();
  let longestGapMs = 0;
  /** Writes until told to stop, and again with the same key after each refusal. */
  const keepWriting = async (writer: Writer): Promise<void> => {
    while (!over) {
      const key = newId();
      const began = performance.now();
      await eventually(
        async () => {
          const { outcome } = await writer.write(key);
          if ('code' in outcome) refused.set(outcome.code, (refused.get(outcome.code) ?? 0) + 1);
          return 'id' in outcome;
        },
        { what: 'an accepted write' },
      );
      longestGapMs = Math.max(longestGapMs, Math.round(performance.now() - began));
    }
  };
  const accepted = () => writers.reduce((sum, writer) => sum + writer.accepted.size, 0);
  const more = async (count: number) => {
    const before = accepted();
    await eventually(() => accepted() >= before + count, { what: `${count} more writes` });
  };
  const writing = Promise.all(writers.map(keepWriting));
  await more(40);
  for (const stream of ['ACTIVITY', 'RECORDED', 'ACTIVITY']) {
    const leader = await nats.leaderOf(stream);
    await leader.kill();
    await more(40);
    await leader.restart();
    await nats.inStep(['ACTIVITY', 'RECORDED', 'ORDER', 'KV_idempotency']);
    await more(20);
  }
  over = true;
  await writing;
  for (const writer of writers) await writer.seesAll();

  const ids = writers.flatMap((writer) => [...writer.accepted.keys()]);
  const rows = await runSql(
    system.servers.database.url,
    'select position::int, id::text from event_store.events order by position',
  );
  expect(rows.map(({ position }) => position)).toEqual(rows.map((_, i) => i + 1));
  // Each sign-up, and each write once.
  expect(rows).toHaveLength(accounts.length + ids.length);
  const recorded = new Set(rows.map(({ id }) => id));
  expect(ids.filter((id) => !recorded.has(id))).toEqual([]);
  expect([...refused.keys()].filter((code) => code !== 'SERVICE_UNAVAILABLE')).toEqual([]);
  console.log(JSON.stringify({ accepted: ids.length, refused: Object.fromEntries(refused), longestGapMs }));
});
