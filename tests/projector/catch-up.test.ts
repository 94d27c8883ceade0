import { projectionNames } from '@rookery/read-models/reducers';
import { readMetric } from '@rookery/runtime';
import { expect, it } from 'vitest';
import { createHistory } from '../support/events/history.ts';
import { eventually } from '../support/eventually.ts';
import { askDirectly } from '../support/servers/ask-directly.ts';
import { projectorWorld } from '../support/systems/projector-world.ts';
import { expectExact, skippedBacklog } from './skipped-backlog.ts';

it('a long backlog comes from the event store, and new events from the queue meanwhile', async () => {
  let metricsUrl = '';
  await using skipped = await skippedBacklog(async (world, env) => {
    ({ metricsUrl } = await world.start(env));
  });
  const { world } = skipped;
  await skipped.record(50);
  const lagOf = (projection: string) =>
    readMetric(metricsUrl, 'rookery_projector_lag_events', { projection });
  skipped.letGo();
  await world.caughtUp();
  await expectExact(world);
  for (const name of projectionNames) {
    expect(await world.queue.consumer(name)).toMatchObject({ inFlight: 0, waiting: 0 });
    await eventually(async () => (await lagOf(name)) === 0, { what: `no lag of ${name}` });
  }
}, 120_000);

it('a consumer that is created again misses nothing that RECORDED has dropped, above its floor too', async () => {
  await using world = await projectorWorld();
  const { queue } = world;
  const history = createHistory();
  await world.record(history.next(200));
  {
    await using _first = await world.start();
    await world.caughtUp();
    const consumers = async () => [...(await world.progress()).values()].map(({ consumer }) => consumer);
    await eventually(async () => !(await consumers()).includes(undefined), { what: 'known consumers' });
  }
  await world.record(history.next(100));
  for (const name of projectionNames.filter((one) => one !== 'posts')) {
    const batches = await queue.recorded(name, 100);
    let left = 100;
    for await (const batch of batches) {
      // One event stays in RECORDED, so that the floor of a new consumer is below those that do not.
      for (const delivery of batch) if (name !== 'feeds' || delivery.sequence !== 201) delivery.ack();
      left -= batch.length;
      if (left === 0) break;
    }
    await batches.stop();
  }
  await askDirectly(world.nats.url, async (jsm) => {
    await jsm.consumers.delete('RECORDED', 'posts');
    const left = async () => (await jsm.streams.info('RECORDED')).state.messages;
    await eventually(async () => (await left()) === 1, { what: 'the dropped events' });
  });
  await world.start();
  await world.caughtUp(['posts']);
  await expectExact(world, ['posts']);
}, 120_000);
