import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { type EventStore, openEventStore } from '@rookery/event-store';
import { openQueue, type Queue } from '@rookery/message-queue';
import { createLog } from '@rookery/runtime';
import type { Envelope, StoredEvent } from '@rookery/schema/events';
import { expect } from 'vitest';
import { sampleEvent } from '../events/sample-events.ts';
import { eventually } from '../eventually.ts';
import { type FreshServer, freshDatabase, freshNats } from '../index.ts';

const log = createLog('test', 'silent');

/** Servers of one's own, and a way to them past the recorder. */
export const setUp = async ({
  postgresUrl,
  maxBytes = 64 * 1024 * 1024,
  natsHome,
  ackTimeoutMs = 1_000,
}: {
  postgresUrl?: string;
  maxBytes?: number;
  natsHome?: string;
  ackTimeoutMs?: number;
} = {}) => {
  await using undo = new AsyncDisposableStack();
  const nats = undo.use(await freshNats(natsHome === undefined ? {} : { home: natsHome }));
  const postgres = postgresUrl ?? undo.use(await freshDatabase()).url;
  const store: EventStore = openEventStore(postgres, { log });
  undo.defer(() => store.close());
  const queue: Queue = openQueue({ url: nats.url, replicas: 1, maxBytes, ackTimeoutMs, log });
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
export const publish = async (queue: Queue, count: number): Promise<Envelope[]> => {
  const events = Array.from({ length: count }, () => sampleEvent());
  await Promise.all(
    events.map((event) => eventually(() => queue.publish(event).then(() => true), { what: 'a publish' })),
  );
  return events;
};

export const readAll = async (store: EventStore): Promise<StoredEvent[]> => {
  const all: StoredEvent[] = [];
  for (;;) {
    const page = await store.read(all.at(-1)?.position ?? 0, 1_000);
    if (page.length === 0) return all;
    all.push(...page);
  }
};

/** Returns the events that RECORDED delivers to one projection: a number of them, up to a position if given. */
export const readRecorded = async (
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
export const checkAll = async (
  queue: Queue,
  store: EventStore,
  published: readonly Envelope[],
): Promise<void> => {
  await eventually(async () => (await store.head()) === published.length, { what: 'everything recorded' });
  await eventually(async () => (await queue.lastPublished()) === published.length, {
    what: 'everything relayed',
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

export const deleteStreams = async (nats: FreshServer, ...names: string[]): Promise<void> => {
  const nc = await connect({ servers: nats.url });
  const jsm = await jetstreamManager(nc);
  for (const name of names) await jsm.streams.delete(name);
  await nc.close();
};

/**
 * Deletes streams and makes all that are missing again. More than once if need be: on a busy machine the server may still be removing the
 * files of a stream when the next one of its name is made.
 */
export const replaceStreams = async (nats: FreshServer, queue: Queue, ...names: string[]): Promise<void> => {
  await deleteStreams(nats, ...names);
  await eventually(() => queue.prepare().then(() => true), { what: 'new streams' });
};
