import {
  chain,
  type EventStore,
  openAuditLog,
  openEventStore,
  UnstorableEventError,
} from '@rookery/event-store';
import { createLog, newId } from '@rookery/runtime';
import type { Envelope } from '@rookery/schema/events';
import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { sampleEvent } from '../support/events/sample-events.ts';
import { eventually } from '../support/eventually.ts';
import { type FreshDatabase, freshDatabase } from '../support/index.ts';
import { propertyRuns } from '../support/property-runs.ts';

const log = createLog('test', 'silent');
const never = new AbortController().signal;

let database: FreshDatabase;
let store: EventStore;
let admin: pg.Pool;
beforeAll(async () => {
  database = await freshDatabase();
  store = openEventStore(database.url, { log });
  await store.prepare();
  admin = new pg.Pool({ connectionString: database.url, max: 1 });
});
afterAll(async () => {
  await admin.end();
  await store.close();
  await database.drop();
});

/** The writer, released however the test ends, or the next test would wait for it. */
const hold = async (from: EventStore) => {
  const writer = await from.acquireWriter(never);
  return { writer, [Symbol.asyncDispose]: () => writer.release() };
};

/** Everything behind a position, page by page. */
const readAll = async (from: EventStore, after = 0) => {
  const all = [];
  for (let last = after; ; ) {
    const page = await from.read(last, 7);
    all.push(...page);
    const end = page.at(-1);
    if (!end) return all;
    last = end.position;
  }
};

const killWriter = () =>
  admin.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and application_name = 'rookery event writer'
       and pid in (select pid from pg_locks where locktype = 'advisory' and granted)`,
  );

describe('append', () => {
  it('is planned once, however small the batches are, and not what reads between two', async () => {
    await using held = await hold(store);
    const query = vi.spyOn(pg.Client.prototype, 'query');
    for (let i = 0; i < 8; i++) await held.writer.append([sampleEvent()]);
    const [calls, clients] = [query.mock.calls as unknown[][], query.mock.contexts as unknown as pg.Client[]];
    query.mockRestore();
    const client =
      clients[calls.findIndex(([config]) => (config as { name?: string }).name?.startsWith('append'))];
    const plans = await client?.query(
      'select generic_plans::int as generic, custom_plans::int as custom from pg_prepared_statements',
    );
    // The first one does not know that more follow.
    expect(plans?.rows).toEqual([{ generic: 7, custom: 1 }]);
  });

  /** Which of few ids, actors and keys each event has, so that every kind of duplicate comes up. */
  const plans = fc.array(
    fc.array(
      fc.record({
        id: fc.option(fc.nat(3), { freq: 2 }),
        actor: fc.nat(1),
        key: fc.option(fc.constantFrom('a', 'b', 'c\0', '"'), { freq: 2 }),
      }),
      { maxLength: 8 },
    ),
    { minLength: 1, maxLength: 6 },
  );
  /** Fresh ids for each run: the store never forgets one. */
  const carryOut = (plan: typeof plans extends fc.Arbitrary<infer P> ? P : never): Envelope[][] => {
    const ids = Array.from({ length: 4 }, newId);
    const actors = Array.from({ length: 2 }, newId);
    return plan.map((batch) =>
      batch.map(({ id, actor, key }) =>
        sampleEvent({
          id: (id === null ? undefined : ids[id]) ?? newId(),
          actor: actors[actor] ?? newId(),
          ...(key === null ? {} : { idempotencykey: key }),
        }),
      ),
    );
  };

  /** The rule in its plainest form: the first of each id, and of each actor's key, and nothing else. */
  const expected = (all: Envelope[][]): Envelope[] => {
    const kept: Envelope[] = [];
    for (const event of all.flat()) {
      const there = kept.some(
        (k) =>
          k.id === event.id ||
          (event.idempotencykey !== undefined &&
            k.idempotencykey === event.idempotencykey &&
            k.actor === event.actor),
      );
      if (!there) kept.push(event);
    }
    return kept;
  };

  it('gives what is new contiguous positions, in order, and nothing twice, whatever the batches', async () => {
    await using held = await hold(store);
    const { writer } = held;
    await fc.assert(
      fc.asyncProperty(plans, async (plan) => {
        const all = carryOut(plan);
        const before = await store.head();
        const recorded = [];
        for (const batch of all) recorded.push(...(await writer.append(batch)).recorded);
        const stored = await readAll(store, before);
        expect(recorded).toMatchObject(stored);
        expect(stored.map((s) => s.event)).toEqual(expected(all));
        expect(stored.map((s) => s.position)).toEqual(stored.map((_, i) => before + 1 + i));
      }),
      { numRuns: propertyRuns(60) },
    );
  });

  it('says which ones were there already', async () => {
    await using held = await hold(store);
    const { writer } = held;
    const [known, fresh] = [sampleEvent({ idempotencykey: 'k' }), sampleEvent()];
    const sameKey = sampleEvent({ actor: known.actor, idempotencykey: 'k' });
    await writer.append([known]);
    const { recorded, duplicates, conflicts } = await writer.append([fresh, known, sameKey, fresh]);
    expect(recorded.map((r) => r.event.id)).toEqual([fresh.id]);
    expect(new Set(duplicates)).toEqual(new Set([known.id, sameKey.id, fresh.id]));
    // Another event has its key; the others are there themselves.
    expect(conflicts).toEqual([sameKey]);
  });

  it('takes a recorded event for a duplicate, though another one with its key comes before it', async () => {
    const recorded = sampleEvent({ idempotencykey: 'the same' });
    const other = sampleEvent({ actor: recorded.actor, idempotencykey: 'the same' });
    await using held = await hold(store);
    const { writer } = held;
    await writer.append([recorded]);
    const { conflicts, duplicates, recorded: added } = await writer.append([other, recorded]);
    expect({ conflicts, duplicates, added }).toEqual({
      conflicts: [other],
      duplicates: [other.id, recorded.id],
      added: [],
    });
  });

  it('finds an event by its actor and key, whatever text the key is', async () => {
    await using held = await hold(store);
    const key = fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)), minLength: 1 });
    await fc.assert(
      fc.asyncProperty(key, key, async (idempotencykey, other) => {
        const event = sampleEvent({ idempotencykey });
        const { recorded } = await held.writer.append([event]);
        expect(recorded[0]).toMatchObject((await store.byKey(event.actor, idempotencykey)) ?? {});
        if (other !== idempotencykey) expect(await store.byKey(event.actor, other)).toBeUndefined();
        expect(await store.byKey(newId(), idempotencykey)).toBeUndefined();
      }),
      { numRuns: propertyRuns(40), examples: [['a\0b\ud800', "' or 1=1"]] },
    );
  });

  it('keeps any text exactly: NUL, lone surrogates, right-to-left marks', async () => {
    await using held = await hold(store);
    const { writer } = held;
    const text = fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)), minLength: 1 });
    await fc.assert(
      fc.asyncProperty(text, text, async (body, idempotencykey) => {
        const event = sampleEvent({ idempotencykey, data: { body, ['__proto__']: null, '': body } });
        const before = await store.head();
        await writer.append([event]);
        expect((await store.read(before, 2)).map((s) => s.event)).toEqual([event]);
      }),
      { numRuns: propertyRuns(60), examples: [['a\0b\ud800\u202e', '\udfff\0']] },
    );
  });

  it('stores the text that it received, byte for byte, and chains exactly that', async () => {
    await using held = await hold(store);
    const written = fc.record({
      indent: fc.nat(3),
      reversed: fc.boolean(),
      around: fc.constantFrom('', ' ', '\n'),
    });
    const log = openAuditLog(database.url, { log: createLog('test', 'silent') });
    await fc.assert(
      fc.asyncProperty(fc.array(written, { minLength: 1, maxLength: 5 }), async (styles) => {
        const before = await log.head();
        if (!before) throw new Error('no head');
        const events = styles.map(() => sampleEvent());
        const texts = styles.map(({ indent, reversed, around }, i) => {
          const fields = Object.entries(events[i] ?? {});
          const ordered = Object.fromEntries(reversed ? fields.reverse() : fields);
          return `${around}${JSON.stringify(ordered, null, indent)}${around}`;
        });
        const { recorded } = await held.writer.append(
          events,
          texts.map((text) => Buffer.from(text)),
        );
        const rows = await log.rows(before.position, 10);
        expect(rows.map(({ text }) => text)).toEqual(texts);
        expect(recorded.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(texts);
        let { hash } = before;
        for (const row of rows) {
          hash = chain(hash, row);
          expect(row.hash).toEqual(hash);
        }
      }),
      { numRuns: propertyRuns(30) },
    );
    await log.close();
  });

  it('takes one statement for new events, however often it appends', async () => {
    await using held = await hold(store);
    await held.writer.append([sampleEvent()]);
    const asked = vi.spyOn(pg.Client.prototype, 'query');
    try {
      for (let i = 0; i < 5; i++) await held.writer.append([sampleEvent(), sampleEvent()]);
      const texts = asked.mock.calls.map(([query]) => (query as unknown as pg.QueryConfig).text);
      expect(texts.filter((text) => text?.includes('insert into'))).toHaveLength(5);
      // A heartbeat may come in between.
      expect(asked.mock.calls.length).toBeLessThanOrEqual(6);
    } finally {
      asked.mockRestore();
    }
  });

  it('knows an id in whatever case it is written', async () => {
    await using held = await hold(store);
    const event = sampleEvent({ id: newId().toUpperCase() });
    await held.writer.append([event]);
    const { recorded, duplicates, conflicts } = await held.writer.append([
      event,
      { ...event, id: event.id.toLowerCase() },
    ]);
    expect([recorded, conflicts]).toEqual([[], []]);
    expect(duplicates).toHaveLength(2);
  });

  it('appends nothing if the store ends at another event than it left', async () => {
    const writer = await store.acquireWriter(never);
    const { recorded } = await writer.append([sampleEvent(), sampleEvent()]);
    await admin.query('delete from event_store.events where position = $1', [recorded[1]?.position]);
    await expect(writer.append([sampleEvent()])).rejects.toThrow('no longer ends at position');
    await writer.lost;
    expect(await store.head()).toBe(recorded[0]?.position);
    // The next writer reads the head again.
    await using held = await hold(store);
    const next = await held.writer.append([sampleEvent()]);
    expect(next.recorded.map(({ position }) => position)).toEqual([recorded[1]?.position]);
  });

  it('tells data that Postgres refuses from a failure, and stays the writer', async () => {
    await using held = await hold(store);
    const { writer } = held;
    const before = await store.head();
    const wrong = sampleEvent({ time: '0000-01-01T00:00:00.000Z' });
    await expect(writer.append([sampleEvent(), wrong])).rejects.toThrow(UnstorableEventError);
    expect(await store.head()).toBe(before);
    const { recorded } = await writer.append([sampleEvent()]);
    expect(recorded.map((r) => r.position)).toEqual([before + 1]);
  });
});

describe('the writer', () => {
  it('is one at a time: a second waits, and takes over when the first goes', async () => {
    await using held = await hold(store);
    const first = held.writer;
    const other = openEventStore(database.url, { log });
    let there = false;
    const second = other.acquireWriter(never).then((writer) => {
      there = true;
      return writer;
    });
    for (let i = 0; i < 20; i++) await first.append([sampleEvent()]);
    expect(there).toBe(false);
    await first.release();
    const { recorded } = await (await second).append([sampleEvent()]);
    expect(recorded.map((r) => r.position)).toEqual([await store.head()]);
    await other.close();
  });

  it('stops waiting when told to', async () => {
    await using _held = await hold(store);
    const reason = new Error('enough');
    const stop = new AbortController();
    const second = store.acquireWriter(stop.signal);
    stop.abort(reason);
    await expect(second).rejects.toBe(reason);
  });

  it('knows when its lock is lost, and appends nothing afterwards', async () => {
    const writer = await store.acquireWriter(never);
    const before = await store.head();
    await killWriter();
    await expect(writer.lost).resolves.toBeInstanceOf(Error);
    await expect(writer.append([sampleEvent()])).rejects.toThrow();
    expect(await store.head()).toBe(before);
  });

  it('leaves no hole and nothing twice when it dies at any moment and another goes on', async () => {
    const contender = openEventStore(database.url, { log });
    const before = await store.head();
    const all = Array.from({ length: 300 }, () => sampleEvent());
    const left = new Set(all.map((e) => e.id));
    let deaths = 0;
    const run = async (own: EventStore) => {
      while (left.size > 0) {
        const writer = await own.acquireWriter(never);
        try {
          while (left.size > 0) {
            const batch = all.filter((e) => left.has(e.id)).slice(0, 5);
            await writer.append(batch);
            for (const { id } of batch) left.delete(id);
          }
        } catch {
          deaths += 1; // killed: whether the batch went in is unknown, so it is tried again
        }
        await writer.release();
      }
    };
    const killing = (async () => {
      while (left.size > 0) {
        const goal = Math.max(0, left.size - 40);
        await eventually(() => left.size <= goal || left.size === 0);
        if (left.size > 0) await killWriter();
      }
    })();
    await Promise.all([run(store), run(contender), killing]);
    const stored = await readAll(store, before);
    expect(stored.map((s) => s.position)).toEqual(stored.map((_, i) => before + 1 + i));
    expect(stored.map((s) => s.event.id)).toEqual(all.map((e) => e.id));
    expect(deaths).toBeGreaterThan(0);
    await contender.close();
  });
});

describe('prepare', () => {
  it('works when many do it at once, and again', async () => {
    await using empty = await freshDatabase();
    const stores = Array.from({ length: 8 }, () => openEventStore(empty.url, { log }));
    await Promise.all(stores.map((s) => s.prepare()));
    await stores[0]?.prepare();
    expect(await stores[0]?.head()).toBe(0);
    await Promise.all(stores.map((s) => s.close()));
  });

  it('waits for nobody who appends, and so can cost no writer its place', async () => {
    await using held = await hold(store);
    const busy = new pg.Client({ connectionString: database.url });
    await busy.connect();
    // Between its question and its insert, an append has locked the table so far that it can't be changed.
    await busy.query('begin');
    await busy.query('select 1 from event_store.events limit 1');
    const standby = openEventStore(database.url, { log });
    await standby.prepare();
    await busy.query('lock table event_store.events in row exclusive mode');
    await standby.prepare();
    await busy.query('commit');
    await busy.end();
    await standby.close();
    await held.writer.append([sampleEvent()]);
  });
});

describe('dead letters', () => {
  it('keeps a message exactly, once for each who could not apply it', async () => {
    const id = newId();
    const deadLetter = { id, position: 3, error: 'no "good"\0\ud800', tries: 2, payload: '{\0\ud800' };
    await store.addDeadLetter({ by: 'feeds', ...deadLetter });
    await store.addDeadLetter({ by: 'feeds', ...deadLetter });
    await store.addDeadLetter({ by: 'posts', ...deadLetter });
    const found = (await store.deadLetters(100)).filter((p) => p.id === id);
    expect(found.map(({ addedAt: _, ...rest }) => rest)).toEqual([
      { by: 'feeds', ...deadLetter },
      { by: 'posts', ...deadLetter },
    ]);
  });
});
