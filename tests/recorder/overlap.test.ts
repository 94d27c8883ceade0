import { setImmediate, setTimeout } from 'node:timers/promises';
import type { Batches, Queue } from '@rookery/message-queue';
import { createRecorderMetrics } from '@rookery/recorder/metrics';
import { record } from '@rookery/recorder/record';
import { createLog, createMetrics } from '@rookery/runtime';
import type { Envelope } from '@rookery/schema/events';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { runSql } from '../support/servers/run-sql.ts';
import { checkAll, publish, setUp } from '../support/systems/recorder-world.ts';

/** Enough for a busy machine: an acknowledgement that is late would be a publish that failed. */
const ackTimeoutMs = 60_000;

type World = Awaited<ReturnType<typeof setUp>>;

/** Publishes to RECORDED wait until they are let through, from `hold` to `open`. */
const holdRelay = (queue: Queue) => {
  const held: PromiseWithResolvers<Error | undefined>[] = [];
  const relay: Queue['relay'] = queue.relay.bind(queue);
  let isOpen = true;
  queue.relay = async (events) => {
    if (!isOpen) {
      const gate = Promise.withResolvers<Error | undefined>();
      held.push(gate);
      const error = await gate.promise;
      if (error) throw error;
    }
    await relay(events);
  };
  return {
    hold: () => {
      isOpen = false;
    },
    isHolding: () => eventually(() => held.length > 0, { what: 'a publish to RECORDED' }),
    /** Lets the first one through, or lets it fail. */
    next: async (error?: Error) => {
      const gate = await eventually(() => held.shift(), { what: 'a publish to RECORDED' });
      gate.resolve(error);
    },
    open: () => {
      isOpen = true;
      for (const gate of held.splice(0)) gate.resolve(undefined);
    },
  };
};

/** Records in this process. */
const startRecording = async ({ store, queue }: World) => {
  const stopping = new AbortController();
  const writer = await store.acquireWriter(stopping.signal);
  const began = Promise.withResolvers<void>();
  let hasEnded = false;
  let batches: Batches<Envelope> | undefined;
  const activity: Queue['activity'] = queue.activity.bind(queue);
  queue.activity = async (max) => {
    batches = await activity(max);
    return batches;
  };
  const recording = record({
    store,
    queue,
    writer,
    metrics: createRecorderMetrics(createMetrics('recorder')),
    log: createLog('test', 'silent'),
    signal: stopping.signal,
    began: () => began.resolve(),
  }).finally(() => {
    hasEnded = true;
    return writer.release();
  });
  recording.catch(() => {}); // whoever waits for it gets the error
  await Promise.race([began.promise, recording]);
  return {
    stop: () => stopping.abort(),
    /** Resolves once no more batches come, after `stop`. */
    pullsNoMore: async () => batches?.stop(),
    ended: recording,
    hasEnded: () => hasEnded,
  };
};

/** Longer than events are gathered after a batch of one, and some turns of the event loop: what can happen has happened. */
const settle = async (): Promise<void> => {
  await setTimeout(20);
  for (let turns = 0; turns < 3; turns++) await setImmediate();
};

/** Records one event, and from then on holds what is published to RECORDED. */
const setUpHeld = async () => {
  await using undo = new AsyncDisposableStack();
  const world = undo.use(await setUp({ ackTimeoutMs }));
  const { queue } = world;
  const relay = holdRelay(queue);
  const recording = await startRecording(world);
  const published = await publish(queue, 1);
  // The relay has caught up by then, and publishes each batch by itself.
  await eventually(async () => (await queue.lastPublished()) === 1, { what: 'the first event' });
  await eventually(async () => (await unacknowledged(queue)) === 0, { what: 'its acknowledgement' });
  relay.hold();
  const resources = undo.move();
  return { world, relay, recording, published, [Symbol.asyncDispose]: () => resources.disposeAsync() };
};

/** Publishes events each of which is a batch, since the one before has been appended. */
const appendOneByOne = async ({ store, queue }: World, count: number): Promise<Envelope[]> => {
  const published: Envelope[] = [];
  for (let i = 0; i < count; i++) {
    const head = await store.head();
    published.push(...(await publish(queue, 1)));
    await eventually(async () => (await store.head()) === head + 1, { what: 'the next batch' });
  }
  return published;
};

const unacknowledged = async (queue: Queue): Promise<number> => (await queue.consumer('recorder')).inFlight;

/** Publishes one event, and waits until this process has it and would have appended it. */
const publishOneMore = async ({ queue }: World): Promise<Envelope[]> => {
  const before = await unacknowledged(queue);
  const published = await publish(queue, 1);
  await eventually(async () => (await unacknowledged(queue)) === before + 1, { what: 'a delivery' });
  await settle();
  return published;
};

it('a batch is appended while two are published, and no more; each is acknowledged once it is published', async () => {
  await using held = await setUpHeld();
  const { world, relay, recording, published } = held;
  const { queue, store } = world;
  const state = async () => [await store.head(), await queue.lastPublished(), await unacknowledged(queue)];
  published.push(...(await appendOneByOne(world, 3)));
  published.push(...(await publishOneMore(world)));
  expect(await state()).toEqual([4, 1, 4]);

  await relay.next();
  await eventually(async () => (await store.head()) === 5, { what: 'the batch after three' });
  await eventually(async () => (await unacknowledged(queue)) === 3, { what: 'an acknowledgement' });
  published.push(...(await publishOneMore(world)));
  expect(await state()).toEqual([5, 2, 4]);

  relay.open();
  await checkAll(queue, store, published);
  recording.stop();
  await recording.ended;
});

it('a stop waits until all that was appended is published and acknowledged', async () => {
  await using held = await setUpHeld();
  const { world, relay, recording, published } = held;
  const { queue, store } = world;
  published.push(...(await appendOneByOne(world, 2)));
  recording.stop();
  // The rest of a stop takes a few turns, and waits for nothing but the relay.
  await recording.pullsNoMore();
  await relay.next();
  await relay.isHolding();
  await settle();
  expect(recording.hasEnded()).toBe(false);
  relay.open();
  await recording.ended;
  expect(await unacknowledged(queue)).toBe(0);
  await checkAll(queue, store, published);
});

it('a lock that is lost while two batches are published loses none, and the next writer records the others', async () => {
  await using held = await setUpHeld();
  const { world, relay, recording, published } = held;
  const { queue, store, urls } = world;
  published.push(...(await appendOneByOne(world, 2)));
  await runSql(
    urls.postgres,
    `select pg_terminate_backend(pid) from pg_stat_activity
     where application_name = 'rookery event writer' and datname = current_database()`,
  );
  published.push(...(await publish(queue, 1)));
  await relay.isHolding();
  relay.open();
  await expect(recording.ended).rejects.toThrow();
  expect([await store.head(), await queue.lastPublished()]).toEqual([3, 3]);
  const next = await startRecording(world);
  await checkAll(queue, store, published);
  next.stop();
  await next.ended;
});

it('batches after one that could not be published are published after it', async () => {
  await using held = await setUpHeld();
  const { world, relay, recording, published } = held;
  const { queue, store } = world;
  published.push(...(await appendOneByOne(world, 3)));
  await relay.next(new Error('RECORDED is down'));
  relay.open();
  await checkAll(queue, store, published);
  recording.stop();
  await recording.ended;
});
