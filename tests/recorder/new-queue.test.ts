import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { projections } from '@rookery/read-models';
import { newId } from '@rookery/runtime';
import { expect, it } from 'vitest';
import { sampleEvent } from '../support/events/sample-events.ts';
import { eventually } from '../support/eventually.ts';
import { casesOfTier } from '../support/property-runs.ts';
import { publish, readRecorded, replaceStreams, setUp } from '../support/systems/recorder-world.ts';
import { runRecorder } from '../support/systems/run-recorder.ts';

type World = Awaited<ReturnType<typeof setUp>>;

/** More than an empty RECORDED is filled with. */
const many = 10_050;

/** Records events without a queue, as a restore does. */
const fillStore = async ({ store }: World): Promise<void> => {
  const writer = await store.acquireWriter(new AbortController().signal);
  for (let done = 0; done < many; done += 1_050)
    await writer.append(Array.from({ length: Math.min(1_050, many - done) }, () => sampleEvent()));
  await writer.release();
};

/** Steps after which a recorder may be killed while it lets RECORDED continue after the last event. */
const allSteps = ['without consumers', 'emptied', 'with consumers that came back', 'continued'] as const;
const steps = casesOfTier(allSteps, (step) => step === 'with consumers that came back');

/** Leaves RECORDED as a recorder leaves it that is killed after this step. */
const killAfter = async (
  { nats, queue }: World,
  step: (typeof allSteps)[number],
  last: number,
): Promise<void> => {
  await replaceStreams(nats, queue, 'RECORDED');
  const nc = await connect({ servers: nats.url });
  const jsm = await jetstreamManager(nc);
  for (const name of projections) await jsm.consumers.delete('RECORDED', name);
  if (step !== 'without consumers') await jsm.streams.purge('RECORDED', { seq: last });
  if (step === 'with consumers that came back') await queue.prepare();
  if (step === 'continued') await jetstream(nc).publish(`recorded.${newId()}`, '{}');
  await nc.close();
};

/** Returns the positions of new events that each projection receives. */
const receivedAfter = async ({ queue, store }: World, before: number): Promise<Map<string, number[]>> => {
  await publish(queue, 3);
  await eventually(async () => (await queue.lastPublished()) === before + 3, { what: 'the relay' });
  expect(await store.head()).toBe(before + 3);
  const received = new Map<string, number[]>();
  for (const name of projections) {
    const events = await readRecorded(queue, name, 1, before + 3);
    received.set(
      name,
      events.map(({ position }) => position),
    );
  }
  return received;
};

it('a new queue continues after the last event of the store, also if the recorder is killed before it does', async () => {
  await using world = await setUp();
  const { queue, store, urls } = world;
  await fillStore(world);
  let head = many;
  const check = async (): Promise<void> => {
    await using recorder = await runRecorder(urls);
    await eventually(async () => (await queue.lastPublished()) >= head, { what: 'the end of the store' });
    // Events between checkpoint and floor are read from the event store.
    for (const name of projections)
      await eventually(async () => (await queue.consumer(name)).ackFloor === head, { what: 'the floor' });
    const next = [head + 1, head + 2, head + 3];
    expect(await receivedAfter(world, head)).toEqual(new Map(projections.map((name) => [name, next])));
    head += 3;
    expect(await recorder.metric('rookery_recorder_relay_lag_events')).toBe(0);
  };
  await check();
  for (const step of steps) {
    await killAfter(world, step, head);
    await check();
  }
  expect(await store.head()).toBe(many + 3 * (steps.length + 1));
}, 120_000);

it('an empty queue is filled if the store has few events', async () => {
  await using world = await setUp();
  const { nats, queue, urls } = world;
  await publish(queue, 40);
  await using _recorder = await runRecorder(urls);
  await eventually(async () => (await queue.lastPublished()) === 40, { what: 'the relay' });
  await replaceStreams(nats, queue, 'RECORDED');
  const events = await readRecorded(queue, 'posts', 40);
  expect(events.map(({ position }) => position)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
});
