import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { jetstream } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { type Delivery, openQueue, type Queue } from '@rookery/message-queue';
import { createLog } from '@rookery/runtime';
import type { Envelope, StoredEvent } from '@rookery/schema/events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sampleEvent, storedEvents } from '../support/events/sample-events.ts';
import { eventually } from '../support/eventually.ts';
import { type FreshServer, freshNats, startFaultProxy, useServers } from '../support/index.ts';
import { askDirectly } from '../support/servers/ask-directly.ts';
import { restartWithout } from '../support/servers/lossy-nats.ts';

// State of a server after its disk was full: streams that have lost their messages and restart at 1, and
// consumers that remember earlier deliveries.

const log = createLog('test', 'silent');
const options = { replicas: 1, maxBytes: 64 * 1024 * 1024, ackTimeoutMs: 5_000, log };

let home: string;
let nats: FreshServer;
let queue: Queue;
beforeEach(async () => {
  home = mkdtempSync(join(useServers().dir, 'lossy-'));
  nats = await freshNats({ home });
  queue = openQueue({ url: nats.url, ...options });
  await queue.prepare();
});
afterEach(async () => {
  await queue.close();
  await nats.stop();
  rmSync(home, { recursive: true, force: true });
});

const events = (count: number): Envelope[] => Array.from({ length: count }, () => sampleEvent());

const publish = async (published: readonly Envelope[]): Promise<void> => {
  for (const event of published)
    await eventually(() => queue.publish(event).then(() => true), { what: 'a publish' });
};

/** Puts events into the queue past what is tested. */
const publishDirectly = async (published: readonly Envelope[]): Promise<void> => {
  const nc = await connect({ servers: nats.url });
  try {
    for (const event of published)
      await jetstream(nc).publish(`activity.${event.id}`, JSON.stringify(event), { msgID: event.id });
  } finally {
    await nc.close();
  }
};

/** Acknowledges what comes until all of these have. */
const takeAll = async (wanted: readonly Envelope[]): Promise<void> => {
  const missing = new Set(wanted.map(({ id }) => id));
  const batches = await queue.activity(100);
  for await (const batch of batches) {
    for (const delivery of batch) {
      missing.delete(delivery.value?.id ?? '');
      delivery.ack();
    }
    if (missing.size === 0) break;
  }
};

/** The first so many deliveries, unanswered; they go on coming while `work` is done. */
const inHand = async (
  count: number,
  work: (
    deliveries: readonly Delivery<Envelope>[],
    later: () => readonly Delivery<Envelope>[],
  ) => Promise<void>,
  by = queue,
): Promise<void> => {
  const batches = await by.activity(100);
  const came: Delivery<Envelope>[] = [];
  const taking = (async () => {
    for await (const batch of batches) came.push(...batch);
  })();
  await eventually(() => came.length >= count, { what: 'the deliveries' });
  const deliveries = came.splice(0);
  await work(deliveries, () => came);
  await batches.stop();
  await taking;
};

describe('ACTIVITY that begins at 1 again', () => {
  it('gives the recorder what comes, though its consumer has been given as many before', async () => {
    const before = events(30);
    await publish(before);
    await takeAll(before);
    await eventually(async () => (await queue.consumer('recorder')).ackFloor === 30);
    await restartWithout(nats, home, 'ACTIVITY');
    const after = events(5);
    await publish(after);
    await takeAll(after);
  });

  it('gives it what came before anybody looked, too', async () => {
    const before = events(10);
    await publish(before);
    await takeAll(before);
    await eventually(async () => (await queue.consumer('recorder')).ackFloor === 10);
    await queue.close();
    await restartWithout(nats, home, 'ACTIVITY');
    // More than there were: by its numbers alone the consumer fits the stream, and has passed ten by.
    const after = events(15);
    await publishDirectly(after);
    queue = openQueue({ url: nats.url, ...options });
    await queue.prepare();
    await takeAll(after);
  });

  it('keeps what comes from the answers to what came before', async () => {
    await publish(events(10));
    await inHand(10, async (old) => {
      await restartWithout(nats, home, 'ACTIVITY');
      const after = events(10);
      await publish(after);
      for (const delivery of old) delivery.ack();
      // Sent, if they are sent at all, before this is answered.
      await queue.ping();
      expect(await Promise.all(after.map(async ({ id }) => (await queue.find(id))?.event.id))).toEqual(
        after.map(({ id }) => id),
      );
    });
  });
});

describe('a connection that breaks', () => {
  it('loses no answer: those to what was delivered before are sent over the next one', async () => {
    const { hostname, port } = new URL(nats.url);
    await using link = await startFaultProxy({ host: hostname, port: Number(port) });
    const other = openQueue({ url: link.through(nats.url), ...options });
    await other.prepare();
    await publish(events(10));
    await inHand(
      10,
      async (deliveries, later) => {
        for (const delivery of deliveries.slice(0, 3)) delivery.ack();
        await eventually(async () => (await queue.consumer('recorder')).inFlight === 7);
        link.set({ kind: 'cut' });
        await eventually(() => !other.replicas()[0]?.up);
        for (const delivery of deliveries.slice(3, 6)) delivery.ack();
        link.set({ kind: 'pass' });
        await eventually(() => other.replicas()[0]?.up === true);
        for (const delivery of deliveries.slice(6)) delivery.ack();
        await eventually(async () => (await queue.consumer('recorder')).inFlight === 0, {
          what: 'the answers',
        });
        expect(later()).toEqual([]);
      },
      other,
    );
    await other.close();
  });
});

describe('a queue that goes on', () => {
  it('may lose everything: streams and consumers are recreated, and batches continue', async () => {
    const activity = await queue.activity(20);
    const feeds = await queue.recorded('feeds', 20);
    const nextActivity = activity[Symbol.asyncIterator]();
    const nextFeed = feeds[Symbol.asyncIterator]();
    await queue.relay(storedEvents(1, 1));
    expect((await nextFeed.next()).value).toHaveLength(1);
    await askDirectly(nats.url, async (jsm) => {
      for (const name of ['ACTIVITY', 'RECORDED', 'KV_idempotency']) await jsm.streams.delete(name);
    });
    const event = sampleEvent();
    await eventually(() => queue.publish(event).then(() => true));
    const [delivery] = (await nextActivity.next()).value ?? [];
    expect(delivery?.value).toEqual(event);
    await eventually(() => queue.claim(event).then((claim) => claim.first));
    await queue.prepare();
    expect(await queue.lastPublished()).toBe(0);
    await queue.relay(storedEvents(1, 1));
    expect((await nextFeed.next()).value).toHaveLength(1);
    await activity.stop();
    await feeds.stop();
  });

  it('may lose a consumer: it is recreated', async () => {
    const feeds = await queue.recorded('feeds', 20);
    const next = feeds[Symbol.asyncIterator]();
    await queue.relay(storedEvents(1, 1));
    const [first] = (await next.next()).value ?? [];
    expect(first?.value?.position).toBe(1);
    await askDirectly(nats.url, (jsm) => jsm.consumers.delete('RECORDED', 'feeds'));
    await eventually(async () => (await queue.consumer('feeds')).attached);
    await queue.relay(storedEvents(2, 1));
    const positions: (number | undefined)[] = [];
    while (!positions.includes(2))
      positions.push(
        ...[...((await next.next()).value ?? [])].map((d: Delivery<StoredEvent>) => d.value?.position),
      );
    await feeds.stop();
  });
});
