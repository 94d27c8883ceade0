import {
  consume,
  createApply,
  createDeadLetters,
  createProjectorMetrics,
  createTurns,
  probeStore,
  type Turn,
} from '@rookery/projector';
import { projections } from '@rookery/read-models/reducers';
import { createLog, newId, Registry } from '@rookery/runtime';
import { expect, it } from 'vitest';
import { sampleEvent } from '../support/events/sample-events.ts';
import { eventually } from '../support/eventually.ts';
import { projectorWorld } from '../support/systems/projector-world.ts';

const log = createLog('test', 'silent');

it('a projection with a backlog says how much waits for it, and applies slices', async () => {
  await using world = await projectorWorld();
  const backlog = 1_300;
  const likes = Array.from({ length: backlog }, () =>
    sampleEvent({ type: 'rookery.post.liked.v1', data: {}, actor: newId() }),
  );
  await world.record(likes);

  const projection = projections.find(({ name }) => name === 'reactions') ?? expect.fail('no reactions');
  const apply = createApply(projection, { documents: world.documents });
  const metrics = createProjectorMetrics(new Registry());
  const real = createTurns();
  const turns: Turn[] = [];
  const sizes: number[] = [];
  const about = { projection: 'reactions', eventStore: world.eventStore, log, metrics };
  await using _consumer = consume({
    ...about,
    batches: await world.queue.recorded('reactions', 100),
    apply: (events) => {
      sizes.push(events.length);
      return apply(events);
    },
    documents: world.documents,
    turns: {
      take(turn, work) {
        turns.push(turn);
        return real.take(turn, (maxEvents) => work(Math.min(maxEvents, 30)));
      },
    },
    probe: () => probeStore(world.documents, projection),
    deadLetters: createDeadLetters(about),
    progress: { note: () => {} },
  });
  await eventually(async () => (await world.queue.consumer('reactions')).ackFloor === backlog, {
    what: 'all likes are acknowledged',
  });
  expect(Math.max(...sizes)).toBe(30);
  // The first batch leaves more than a thousand, and the last one leaves none.
  expect(turns[0]).toMatchObject({ position: 1 });
  expect(turns[0]?.waiting).toBeGreaterThanOrEqual(1_200);
  expect(turns.at(-1)?.waiting).toBe(0);
  expect(await world.documents.collection('likes').count({ active: true })).toBe(backlog);
});

it('all projections of a process receive the same decoded event', async () => {
  await using world = await projectorWorld();
  await world.record([sampleEvent({ type: 'rookery.post.liked.v1', data: {} })]);
  const values = [];
  for (const name of ['posts', 'feeds']) {
    const batches = await world.queue.recorded(name, 10);
    for await (const batch of batches) {
      values.push(...batch.map(({ value }) => value));
      for (const delivery of batch) delivery.ack();
      break;
    }
  }
  expect(values).toHaveLength(2);
  expect(values[0]?.position).toBe(1);
  expect(values[1]).toBe(values[0]);
});
