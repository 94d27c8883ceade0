import { expect, it } from 'vitest';
import { sampleEvent } from '../support/events/sample-events.ts';
import type { FreshServer } from '../support/index.ts';
import { runSql } from '../support/servers/run-sql.ts';
import { twoServers } from './two-stores.ts';

const never = new AbortController().signal;

/** Begins a new term, as another writer does that reached this store in between. */
const beginTerm = async ({ url }: FreshServer): Promise<void> => {
  const terms = await runSql(url, 'update event_store.term set term = term + 1 returning term');
  expect(terms).toHaveLength(1);
};

it.each(['both stores', 'one store alone'])(
  'a writer of %s appends nothing once its term is over',
  async (which) => {
    await using world = await twoServers();
    const { primary, backup } = world;
    const store = world.open();
    await store.prepare();
    const first = await store.acquireWriter(never);
    await first.append([sampleEvent(), sampleEvent()]);
    let writer = first;
    if (which === 'one store alone') {
      await first.release();
      await primary.kill();
      writer = await store.acquireWriter(never);
      await writer.append([sampleEvent()]);
    }
    const before = await world.rows(backup);
    await beginTerm(backup);
    await expect(writer.append([sampleEvent()])).rejects.toThrow('no longer in term');
    expect(await world.rows(backup)).toEqual(before);
    if (which === 'both stores') expect(await world.rows(primary)).toEqual(before);
    await writer.release();
  },
);

it('a writer of both, when the primary has gone on, copies nothing to it', async () => {
  await using world = await twoServers();
  const { primary } = world;
  const store = world.open();
  await store.prepare();
  const writer = await store.acquireWriter(never);
  await writer.append([sampleEvent()]);
  const before = await world.rows(primary);
  await beginTerm(primary);
  await expect(writer.append([sampleEvent()])).rejects.toThrow('no longer in term');
  expect(await world.rows(primary)).toEqual(before);
  await writer.release();
});
