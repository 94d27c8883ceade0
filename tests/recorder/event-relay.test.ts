import { EventRelay } from '@rookery/recorder/event-relay';
import { createLog } from '@rookery/runtime';
import { expect, it } from 'vitest';
import { sampleEvent } from '../support/events/sample-events.ts';
import { eventually } from '../support/eventually.ts';
import { setUp } from '../support/systems/recorder-world.ts';

it('publishes what was pushed and no more, however much is appended by then', async () => {
  await using world = await setUp();
  const { store, queue } = world;
  const writer = await store.acquireWriter(new AbortController().signal);
  const append = async (count: number) =>
    (await writer.append(Array.from({ length: count }, () => sampleEvent()))).recorded;
  await append(4);
  // In the store before the relay starts: so it finds them there while it publishes the first four.
  const batches = [await append(3), await append(2)];
  const relay = new EventRelay({ store, queue, log: createLog('test', 'silent'), head: 4 });
  let isDiverged = false;
  void relay.failed.then(() => {
    isDiverged = true;
  });
  const until = (position: number) =>
    eventually(async () => (await queue.lastPublished()) === position, { what: `position ${position}` });
  await until(4);
  for (const batch of batches) {
    await relay.push(batch);
    await until(batch.at(-1)?.position ?? 0);
  }
  await eventually(() => relay.gap === 0, { what: 'the end of the catch-up' });
  expect([await queue.lastPublished(), isDiverged]).toEqual([9, false]);
  await relay.stop();
  await writer.release();
});
