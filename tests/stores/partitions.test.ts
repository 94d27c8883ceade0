import {
  chain,
  type EventStore,
  type EventWriter,
  noHash,
  openAuditLog,
  openBulkWriter,
  openEventStore,
} from '@rookery/event-store';
import { acquire } from '@rookery/event-store/writer';
import { createLog, newId } from '@rookery/runtime';
import type { Envelope } from '@rookery/schema/events';
import fc from 'fast-check';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { sampleEvent } from '../support/events/sample-events.ts';
import { eventually } from '../support/eventually.ts';
import { freshDatabase } from '../support/index.ts';
import { propertyRuns } from '../support/property-runs.ts';
import { readAll } from '../support/systems/recorder-world.ts';
import { createUnpartitionedStore, insertAsBefore } from '../support/unpartitioned-store.ts';

const log = createLog('test', 'silent');
const never = new AbortController().signal;

/** A database, a store in it, and a connection past the store. */
const setUp = async (partitionSize: number, earlier?: readonly Envelope[]) => {
  await using undo = new AsyncDisposableStack();
  const { url } = undo.use(await freshDatabase());
  if (earlier) await createUnpartitionedStore(url, earlier);
  const open = (): EventStore => openEventStore(url, { log, partitionSize });
  const store = open();
  undo.defer(() => store.close());
  await store.prepare();
  const admin = new pg.Client({ connectionString: url });
  admin.on('error', () => {});
  await admin.connect();
  undo.defer(() => admin.end());
  const resources = undo.move();
  return { url, store, admin, open, [Symbol.asyncDispose]: () => resources.disposeAsync() };
};
type World = Awaited<ReturnType<typeof setUp>>;

const events = (count: number): Envelope[] =>
  Array.from({ length: count }, (_, i) => sampleEvent(i % 3 === 0 ? { idempotencykey: `key ${i}` } : {}));

const partitionsOf = async ({ admin }: World) => {
  const { rows } = await admin.query<{ first: number; last: number; events: number }>(
    'select first::int, last::int from event_store.partitions order by first',
  );
  for (const row of rows)
    row.events = (
      await admin.query(`select count(*)::int as n from event_store.events_${row.first}`)
    ).rows[0].n;
  return rows;
};

/** Each event has its identities, and nothing else has. */
const checkIdentities = async ({ admin, store }: World): Promise<void> => {
  const { rows: ids } = await admin.query(
    'select id, position::int from event_store.event_ids order by position',
  );
  const { rows: keys } = await admin.query(
    'select actor, position::int from event_store.event_keys order by position',
  );
  const all = await readAll(store);
  expect(ids).toEqual(all.map(({ position, event }) => ({ id: event.id, position })));
  expect(keys).toEqual(
    all.flatMap(({ position, event: { actor, idempotencykey } }) =>
      idempotencykey === undefined ? [] : [{ actor, position }],
    ),
  );
};

/** Positions without a hole, and a whole chain of hashes. */
const checkHistory = async ({ url }: World): Promise<void> => {
  const auditLog = openAuditLog(url, { log });
  let end = { position: 0, hash: noHash };
  for (;;) {
    const rows = await auditLog.rows(end.position, 700);
    if (rows.length === 0) break;
    for (const row of rows) {
      expect(row.position).toBe(end.position + 1);
      const hash = chain(end.hash, row);
      expect(row.hash).toEqual(hash);
      end = { position: row.position, hash };
    }
  }
  await auditLog.close();
};

/** Tables and indexes that an append of two events locks, in which `N` is the partition of the head. */
const locksOfAppend = async ({ admin }: World, writer: EventWriter): Promise<string[]> => {
  // The statement is planned once for appends in a row.
  for (let i = 0; i < 3; i++) await writer.append(events(1));
  // Lets the append look keys up, and not add any.
  await admin.query('begin; lock table event_store.event_keys in share mode');
  const appended = writer.append(events(2));
  const selectLocks = `
    select relname as name, bool_and(granted) as granted from pg_locks join pg_class on pg_class.oid = relation
    where pid = (select pid from pg_stat_activity
      where datname = current_database() and application_name = 'rookery event writer')
      and relnamespace = 'event_store'::regnamespace
    group by 1 order by 1`;
  const locks = await eventually(async () => {
    const { rows } = await admin.query<{ name: string; granted: boolean }>(selectLocks);
    return rows.some(({ granted }) => !granted) && rows;
  });
  await admin.query('rollback');
  expect((await appended).recorded).toHaveLength(2);
  return locks.map(({ name }) => name.replace(/^events_\d+/, 'events_N'));
};

describe('the partitions of a new store', () => {
  it('are there ahead of need, and make no difference to what is stored', async () => {
    await using world = await setUp(20);
    const { store } = world;
    const writer = await store.acquireWriter(never);
    const recorded: Envelope[] = [];
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 45 }), fc.nat(5), async (count, repeated) => {
        const fresh = events(count);
        // Also of partitions before.
        const again = recorded.slice(0, repeated);
        const appended = await writer.append([...again, ...fresh, ...fresh.slice(0, repeated)]);
        expect(appended.recorded.map(({ event }) => event)).toEqual(fresh);
        recorded.push(...fresh);
        const partitions = await partitionsOf(world);
        expect(partitions.map(({ first }) => first)).toEqual(partitions.map((_, i) => i * 20 + 1));
        expect(partitions.at(-1)?.events).toBe(0);
      }),
      { numRuns: propertyRuns(20) },
    );
    expect((await readAll(store)).map(({ event }) => event)).toEqual(recorded);
    await checkIdentities(world);
    await checkHistory(world);
    for (const event of recorded.slice(0, 30)) {
      const stored = await store.byId(event.id);
      expect(stored?.event).toEqual(event);
      expect(await store.positionOf(event.id)).toBe(stored?.position);
      if (event.idempotencykey !== undefined)
        expect(await store.byKey(event.actor, event.idempotencykey)).toEqual(stored);
    }
  });

  it('are not touched by what does not need them, so that no cost grows with the history', async () => {
    await using world = await setUp(10);
    const { store, admin, url } = world;
    const writer = await acquire(url, log, never, { partitionSize: 10 });
    const { recorded } = await writer.append(events(95));
    await store.head();
    // A statement that only plans to read one of these waits for this lock, and fails.
    await admin.query('begin');
    await admin.query('lock table event_store.events_1, event_store.events_31, event_store.events_51');
    const [old] = recorded;
    expect(await store.read(62, 10)).toHaveLength(10);
    expect(await store.read(20, 10)).toHaveLength(10);
    expect(await store.head()).toBe(95);
    expect(await store.positionOf(old?.event.id ?? '')).toBe(1);
    expect((await store.byId(recorded[94]?.event.id ?? ''))?.position).toBe(95);
    expect(
      (await writer.append([...recorded.map(({ event }) => event), ...events(20)])).recorded,
    ).toHaveLength(20);
    // From the second one on, the statement is planned once for all appends.
    for (let i = 0; i < 3; i++) expect((await writer.append(events(2))).recorded).toHaveLength(2);
    const between = await writer.useKeepingEvents((client) =>
      client.query('select from event_store.events where position > $1 and position <= $2', [62, 72]),
    );
    expect(between.rowCount).toBe(10);
    await admin.query('rollback');
  });

  it('are locked by an append as far as it needs them, however many there are', async () => {
    await using world = await setUp(10);
    const writer = await world.store.acquireWriter(never);
    const few = await locksOfAppend(world, writer);
    expect(few.filter((name) => name.startsWith('events'))).toEqual(['events', 'events_N', 'events_N_pkey']);
    await writer.append(events(90));
    expect(await locksOfAppend(world, writer)).toEqual(few);
  });

  it('have the given size if a bulk writer creates them, and one is spare', async () => {
    await using world = await setUp(10);
    {
      await using writer = await openBulkWriter(world.url, { log, signal: never, partitionSize: 10 });
      await writer.append(events(25));
    }
    expect((await partitionsOf(world)).map(({ first, last }) => [first, last])).toEqual([
      [1, 10],
      [11, 20],
      [21, 30],
      [31, 40],
    ]);
    await checkIdentities(world);
    await checkHistory(world);
  });

  it('lose what is removed together with its identities', async () => {
    await using world = await setUp(10);
    const { store, admin } = world;
    const [first, ...others] = events(25);
    if (!first) throw new Error('no event');
    {
      const writer = await store.acquireWriter(never);
      await writer.append([first, ...others]);
      await writer.release();
    }
    await admin.query('delete from event_store.events where position > 1');
    await checkIdentities(world);
    const writer = await store.acquireWriter(never);
    expect((await writer.append([first, ...others])).recorded).toHaveLength(24);
    await checkIdentities(world);
  });
});

describe('a store of an earlier version', () => {
  const isMigrated = async ({ admin }: World): Promise<boolean> => {
    const { rows } = await admin.query<{ done: boolean }>(
      `select relkind = 'p' and not exists (select from event_store.identity_backfill) as done
       from pg_class where oid = 'event_store.events'::regclass`,
    );
    return rows[0]?.done === true;
  };

  it('is read as it is, until its next writer begins', async () => {
    const [event, ...others] = events(30);
    if (!event) throw new Error('no event');
    await using world = await setUp(1_000, [event, ...others]);
    const { store, admin } = world;
    for (const prepared of [true, false]) {
      if (!prepared) await admin.query('drop function event_store.known_ids, event_store.known_keys');
      expect((await readAll(store)).map((s) => s.event)).toEqual([event, ...others]);
      expect((await store.byId(event.id))?.position).toBe(1);
      expect((await store.byKey(event.actor, event.idempotencykey ?? ''))?.position).toBe(1);
      expect(await store.positionOf(newId())).toBeUndefined();
    }
  });

  it('is partitioned while its writers append, whenever one of them dies', async () => {
    const earlier = events(2_500);
    await using world = await setUp(2_000, earlier);
    const { admin, open } = world;
    const recorded = [...earlier];
    let writers = 0;
    const append = async (): Promise<void> => {
      const store = open();
      const writer = await store.acquireWriter(never);
      writers += 1;
      try {
        for (let i = 0; i < 400 && !(await isMigrated(world)); i++) {
          const fresh = events(3);
          const any = recorded[Math.floor(Math.random() * recorded.length)];
          // Its identities are copied last, and it has no key by which it would be known.
          const last = earlier.findLast(({ idempotencykey }) => idempotencykey === undefined);
          const sameKey = recorded[i * 3];
          const twin = sameKey?.idempotencykey === undefined ? [] : [{ ...sameKey, id: newId() }];
          const appended = await writer.append([
            ...(any ? [any] : []),
            ...(last ? [last] : []),
            ...twin,
            ...fresh,
          ]);
          expect(appended.recorded.map(({ event }) => event)).toEqual(fresh);
          recorded.push(...fresh);
        }
      } finally {
        await writer.release();
        await store.close();
      }
    };
    // Each of the first ones goes after a step or two, and the next one resumes.
    const steps = ['first = 1 and last > 0', 'true', 'up_to >= 2000'];
    for (const [i, step] of steps.entries()) {
      const table = i === 0 ? 'partitions' : 'identity_backfill';
      const reached = eventually(async () => {
        const { rows } = await admin.query(`select from event_store.${table} where ${step}`);
        return rows.length > 0 || (await isMigrated(world));
      });
      const before = writers;
      const dying = append().catch(() => {});
      await reached;
      await eventually(() => writers > before);
      await admin.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and application_name like 'rookery event writer%'`,
      );
      await dying;
      // Appends of the dying one count, although it had no answer.
      recorded.splice(0, recorded.length, ...(await readAll(world.store)).map(({ event }) => event));
    }
    while (!(await isMigrated(world))) await append();
    expect(recorded.slice(0, earlier.length)).toEqual(earlier);
    expect((await readAll(world.store)).map(({ event }) => event)).toEqual(recorded);
    await checkIdentities(world);
    await checkHistory(world);
    const [first] = await partitionsOf(world);
    expect(first).toMatchObject({ first: 1, events: recorded.length });
    // It goes on beyond the first partition.
    const writer = await world.store.acquireWriter(never);
    await writer.append(events((first?.last ?? 0) - recorded.length + 5));
    expect((await partitionsOf(world))[1]).toMatchObject({ events: 5 });
    await checkIdentities(world);
    await checkHistory(world);
  });

  it('is not kept from recording by a reader that keeps its migration waiting', async () => {
    await using world = await setUp(1_000, events(10));
    const { store, admin, url } = world;
    const reader = new pg.Client({ connectionString: url });
    await reader.connect();
    await reader.query('begin; select from event_store.events limit 1');
    const writer = await store.acquireWriter(never);
    for (let i = 0; i < 100; i++) await writer.append(events(2));
    expect(await isMigrated(world)).toBe(false);
    await reader.query('commit');
    await reader.end();
    await eventually(() => isMigrated(world));
    expect(await store.head()).toBe(210);
    await checkIdentities(world);
    await admin.query('select 1');
  });

  it('may be written by an earlier version again, which leaves nothing out', async () => {
    await using world = await setUp(1_000, events(10));
    const { store, admin } = world;
    {
      const writer = await store.acquireWriter(never);
      await eventually(() => isMigrated(world));
      await writer.release();
    }
    const auditLog = openAuditLog(world.url, { log });
    const end = await auditLog.head();
    await auditLog.close();
    const late = events(5);
    await insertAsBefore(admin, late, end);
    const writer = await store.acquireWriter(never);
    const { recorded, duplicates } = await writer.append([...late, sampleEvent()]);
    expect([recorded.length, duplicates.length]).toEqual([1, 5]);
    await checkIdentities(world);
    await checkHistory(world);
  });
});
