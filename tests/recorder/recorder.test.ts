import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import type { Envelope } from '@rookery/schema/events';
import { createLog, newId } from '@rookery/service';
import { type EventStore, openEventStore, type StoredEvent } from '@rookery/stores/event-store';
import { openQueue, projections, type Queue } from '@rookery/stores/queue';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { eventually } from '../stores/eventually.ts';
import { restartWithout } from '../stores/lossy-nats.ts';
import { privatePostgres } from '../stores/private-postgres.ts';
import { sampleEvent } from '../stores/sample-events.ts';
import { type FreshServer, freshDatabase, freshNats, useServers } from '../world/index.ts';
import { runRecorder } from './run-recorder.ts';

const log = createLog('test', 'silent');

/** Servers of one's own, and a way to them past the recorder. */
const setUp = async ({
  postgresUrl,
  maxBytes = 64 * 1024 * 1024,
  natsHome,
}: {
  postgresUrl?: string;
  maxBytes?: number;
  natsHome?: string;
} = {}) => {
  await using undo = new AsyncDisposableStack();
  const nats = undo.use(await freshNats(natsHome === undefined ? {} : { home: natsHome }));
  const postgres = postgresUrl ?? undo.use(await freshDatabase()).url;
  const store: EventStore = openEventStore(postgres, { log });
  undo.defer(() => store.close());
  const queue: Queue = openQueue({ url: nats.url, replicas: 1, maxBytes, ackTimeout: 1_000, log });
  undo.defer(() => queue.close());
  await store.prepare();
  await queue.prepare();
  const resources = undo.move();
  return {
    nats,
    store,
    queue,
    urls: { postgres, nats: nats.url },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
};

/** Publishes like a client that doesn't know: again and again until the queue has it. */
const publish = async (queue: Queue, count: number): Promise<Envelope[]> => {
  const events = Array.from({ length: count }, () => sampleEvent());
  await Promise.all(
    events.map((event) => eventually(() => queue.publish(event).then(() => true), { what: 'a publish' })),
  );
  return events;
};

const readAll = async (store: EventStore): Promise<StoredEvent[]> => {
  const all: StoredEvent[] = [];
  for (;;) {
    const page = await store.read(all.at(-1)?.position ?? 0, 1_000);
    if (page.length === 0) return all;
    all.push(...page);
  }
};

/** What RECORDED gives to one projection: so many, and up to this position where one is given. */
const readRecorded = async (
  queue: Queue,
  projection: string,
  count: number,
  last?: number,
): Promise<StoredEvent[]> => {
  const all: StoredEvent[] = [];
  if (count === 0) return all;
  const batches = await queue.recorded(projection, 200);
  for await (const batch of batches) {
    for (const delivery of batch) {
      if (delivery.value) all.push(delivery.value);
      delivery.ack();
    }
    if (all.length >= count && (last === undefined || all.at(-1)?.position === last)) break;
  }
  return all;
};

/** Invariants I1, I2 and I4: nothing lost, nothing twice, no hole, and RECORDED is the store's tail. */
const checkAll = async (queue: Queue, store: EventStore, published: readonly Envelope[]): Promise<void> => {
  await eventually(async () => (await store.head()) === published.length, { what: 'everything recorded' });
  await eventually(async () => (await queue.handedOn()) === published.length, {
    what: 'everything handed on',
  });
  const stored = await readAll(store);
  expect(stored.map((s) => s.position)).toEqual(stored.map((_, i) => i + 1));
  const byId = (a: Envelope, b: Envelope) => a.id.localeCompare(b.id);
  expect(stored.map((s) => s.event).sort(byId)).toEqual([...published].sort(byId));
  expect(await readRecorded(queue, 'posts', stored.length)).toEqual(stored);
  await eventually(
    async () => {
      const { waiting, inFlight } = await queue.consumer('recorder');
      return waiting + inFlight === 0;
    },
    { what: 'an empty queue' },
  );
};

const deleteStreams = async (nats: FreshServer, ...names: string[]): Promise<void> => {
  const nc = await connect({ servers: nats.url });
  const jsm = await jetstreamManager(nc);
  for (const name of names) await jsm.streams.delete(name);
  await nc.close();
};

describe('a recorder that dies', () => {
  for (const point of ['before-commit', 'after-commit', 'after-publish'])
    it(`${point} loses nothing and doubles nothing`, async () => {
      await using world = await setUp();
      const { queue, store, urls } = world;
      const published: Envelope[] = [];
      for (let round = 1; round <= 3; round++) {
        await using doomed = await runRecorder(urls, { CRASH_POINT: `${point}:${round}` });
        let dead = false;
        void doomed.child.exited.then(() => {
          dead = true;
        });
        while (!dead) published.push(...(await publish(queue, 40)));
        expect(await doomed.child.exited).toEqual({ code: null, signal: 'SIGKILL' });
      }
      await using _healthy = await runRecorder(urls);
      published.push(...(await publish(queue, 40)));
      await checkAll(queue, store, published);
    });

  it('is followed by the one that stands by', async () => {
    await using world = await setUp();
    const { queue, store, urls } = world;
    await using first = await runRecorder(urls);
    const published = await publish(queue, 100);
    await eventually(async () => (await queue.handedOn()) === 100);
    await using second = await runRecorder(urls);
    expect(await first.metric('rookery_recorder_writer')).toBe(1);
    expect(await second.metric('rookery_recorder_writer')).toBe(0);
    const publishing = publish(queue, 1_000);
    await first.child.stop('SIGKILL');
    const began = Date.now();
    await eventually(async () => (await second.metric('rookery_recorder_writer')) === 1);
    published.push(...(await publishing));
    await checkAll(queue, store, published);
    expect(Date.now() - began).toBeLessThan(10_000);
  });
});

describe('a recorder that freezes', () => {
  it('loses its place to the one that stands by, and does no harm when it thaws', async () => {
    await using world = await setUp();
    const { queue, store, urls } = world;
    await using frozen = await runRecorder(urls);
    await using standby = await runRecorder(urls);
    const publishing = publish(queue, 2_000);
    await eventually(async () => (await store.head()) > 0);
    frozen.child.kill('SIGSTOP');
    const published = await publishing;
    await eventually(async () => (await standby.metric('rookery_recorder_writer')) === 1, {
      what: 'the takeover',
    });
    frozen.child.kill('SIGCONT');
    published.push(...(await publish(queue, 300)));
    await eventually(async () => (await frozen.metric('rookery_recorder_writer')) === 0);
    await checkAll(queue, store, published);
  });
});

describe('a recorder', () => {
  it('stops in good order on SIGTERM, and gives back what it had', async () => {
    await using world = await setUp();
    const { queue, store, urls } = world;
    await using first = await runRecorder(urls);
    const publishing = publish(queue, 2_000);
    await eventually(async () => (await store.head()) > 0);
    expect(await first.child.stop('SIGTERM', 5_000)).toEqual({ code: 0, signal: null });
    await using _second = await runRecorder(urls);
    await checkAll(queue, store, await publishing);
  });

  it('writes the request ids into its log, and counts', async () => {
    await using world = await setUp();
    const { queue, urls } = world;
    await using recorder = await runRecorder(urls);
    await queue.publish(sampleEvent({ requestid: 'request-7' }));
    await eventually(async () => (await queue.handedOn()) === 1);
    expect(recorder.log()).toContain('"requestIds":["request-7"]');
    expect(await recorder.metric('rookery_recorder_append_seconds_count')).toBe(1);
    expect(await recorder.metric('rookery_recorder_waiting')).toBe(0);
    expect(await recorder.metric('rookery_recorder_hand_on_gap')).toBe(0);
  });

  it('parks what it can not record, and goes on with the rest', async () => {
    await using world = await setUp();
    const { nats, queue, store, urls } = world;
    const published = await publish(queue, 5);
    const nc = await connect({ servers: nats.url });
    const poison = ['{ not JSON', '{}', JSON.stringify({ ...sampleEvent(), subject: '\0' })];
    for (const text of poison) nc.publish(`activity.${newId()}`, text);
    await nc.flush();
    await nc.close();
    // Well-formed, but Postgres knows no year 0.
    const timeless = sampleEvent({ time: '0000-01-01T00:00:00.000Z' });
    await queue.publish(timeless);
    published.push(...(await publish(queue, 5)));
    await using _recorder = await runRecorder(urls);
    await checkAll(queue, store, published);
    const parked = await store.parked(10);
    expect(parked.map((p) => p.by)).toEqual(parked.map(() => 'recorder'));
    expect(new Set(parked.map((p) => p.payload))).toEqual(new Set([...poison, JSON.stringify(timeless)]));
    expect(parked.find((p) => p.id === timeless.id)?.error).toMatch(/out of range/);
  });

  it('fills a queue that lost its data, also while nobody writes', async () => {
    await using world = await setUp();
    const { nats, queue, store, urls } = world;
    await using _recorder = await runRecorder(urls);
    const published = await publish(queue, 1_200);
    await eventually(async () => (await queue.handedOn()) === 1_200);
    await deleteStreams(nats, 'ACTIVITY', 'RECORDED', 'KV_idempotency');
    await queue.prepare();
    await eventually(async () => (await queue.handedOn()) === 1_200, { what: 'the refill' });
    await deleteStreams(nats, 'RECORDED');
    published.push(...(await publish(queue, 300)));
    await checkAll(queue, store, published);
  });

  it('fills RECORDED again that came back without its messages and refuses every position', async () => {
    const home = mkdtempSync(join(useServers().dir, 'lossy-'));
    await using world = await setUp({ natsHome: home });
    const { nats, queue, store, urls } = world;
    await using _recorder = await runRecorder(urls);
    const published = await publish(queue, 50);
    await eventually(async () => (await queue.handedOn()) === 50);
    for (const name of projections) await readRecorded(queue, name, 50);
    await restartWithout(nats, home, 'RECORDED');
    published.push(...(await publish(queue, 50)));
    await eventually(async () => (await store.head()) === 100, { what: 'everything recorded' });
    await eventually(async () => (await queue.handedOn()) === 100, { what: 'everything handed on' });
    const stored = await readAll(store);
    for (const name of projections) {
      const again = await readRecorded(queue, name, 50, 100);
      expect(again.slice(-50)).toEqual(stored.slice(50));
    }
  });

  it('goes on recording while RECORDED is full, and hands on once there is room', async () => {
    await using world = await setUp({ maxBytes: 400_000 });
    const { queue, store, urls } = world;
    await using recorder = await runRecorder(urls, { QUEUE_MAX_BYTES: String(1_048_576) });
    const published: Envelope[] = [];
    // RECORDED is emptied by nobody here: 1 MiB holds about 2,300 of these, ACTIVITY is emptied all the time.
    while (published.length < 4_000) published.push(...(await publish(queue, 200)));
    await eventually(async () => (await store.head()) === 4_000, { what: 'everything recorded' });
    expect(await queue.handedOn()).toBeLessThan(4_000);
    // The projections are behind; this process does its own job.
    expect(await recorder.ready()).toBe(true);
    await eventually(
      async () =>
        (await recorder.metric('rookery_recorder_hand_on_gap')) === 4_000 - (await queue.handedOn()),
      { what: 'the gap' },
    );
    // The projections take what is there, and thereby make room.
    const names = ['profiles', 'posts', 'reactions', 'feeds', 'activities'];
    const all = await Promise.all(names.map((name) => readRecorded(queue, name, 4_000)));
    const stored = await readAll(store);
    for (const recorded of all) expect(recorded).toEqual(stored);
    expect(new Set(stored.map((s) => s.event.id))).toEqual(new Set(published.map((e) => e.id)));
    await eventually(async () => (await recorder.metric('rookery_recorder_hand_on_gap')) === 0);
    expect(await recorder.ready()).toBe(true);
  });

  it('gets over the loss of its lock', async () => {
    await using world = await setUp();
    const { queue, store, urls } = world;
    await using recorder = await runRecorder(urls);
    const published: Envelope[] = [];
    const admin = new pg.Client({ connectionString: urls.postgres });
    await admin.connect();
    for (let round = 0; round < 5; round++) {
      const publishing = publish(queue, 200);
      await admin.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'rookery event writer' and datname = current_database()",
      );
      published.push(...(await publishing));
      await eventually(() => recorder.ready());
    }
    await admin.end();
    await checkAll(queue, store, published);
  });

  it('waits for a Postgres that is away, says so, and loses nothing', async () => {
    await using postgres = await privatePostgres();
    await using world = await setUp({ postgresUrl: postgres.url });
    const { queue, store, urls } = world;
    await using recorder = await runRecorder(urls);
    const published = await publish(queue, 100);
    await eventually(async () => (await store.head()) > 0);
    await postgres.kill();
    await eventually(async () => !(await recorder.ready()), { what: 'not ready' });
    published.push(...(await publish(queue, 300)));
    await postgres.start();
    await eventually(() => recorder.ready(), { what: 'ready' });
    await checkAll(queue, store, published);
  });

  it('starts without its servers, and waits for them', async () => {
    await using postgres = await privatePostgres();
    await using world = await setUp({ postgresUrl: postgres.url });
    const { nats, queue, store, urls } = world;
    await nats.kill();
    await postgres.kill();
    await using recorder = await runRecorder(urls, {}, { wait: false });
    await eventually(() => recorder.log().includes('health and metrics'));
    expect(await recorder.ready()).toBe(false);
    await postgres.start();
    await nats.restart();
    const published = await publish(queue, 10);
    await checkAll(queue, store, published);
    await eventually(() => recorder.ready());
  });

  it('refuses to mix an event store and a queue that do not belong together', async () => {
    await using world = await setUp();
    const { queue, store, urls } = world;
    const event = sampleEvent();
    await queue.handOn([{ position: 1, recordedAt: event.time, event }]);
    await using recorder = await runRecorder(urls, {}, { wait: false });
    await eventually(() => recorder.log().includes("don't belong together"));
    expect(await recorder.ready()).toBe(false);
    expect(await store.head()).toBe(0);
  });
});
