import { expect, it } from 'vitest';
import { gather, gatheringMs } from './gathering.ts';

it.each([
  { events: 1, waitsMs: 8 },
  { events: 2, waitsMs: 16 },
  { events: 4, waitsMs: 25 },
  { events: 8, waitsMs: 25 },
  { events: 9, waitsMs: 27 },
  { events: 27, waitsMs: 80 },
  { events: 199, waitsMs: 80 },
  { events: 200, waitsMs: 0 },
  { events: 1_000, waitsMs: 0 },
])('after a batch of $events the next one waits $waitsMs ms', ({ events, waitsMs }) => {
  expect(gatheringMs(events)).toBe(waitsMs);
});

it.each([
  { perSecond: 10, endsWith: 8 },
  { perSecond: 250, endsWith: 25 },
  { perSecond: 500, endsWith: 80 },
  { perSecond: 2_000, endsWith: 80 },
])('gathers for $endsWith ms in the end at $perSecond events per second', ({ perSecond, endsWith }) => {
  let waitsMs = 25;
  for (let batch = 0; batch < 100; batch++)
    waitsMs = gatheringMs(Math.max(1, Math.round((waitsMs * perSecond) / 1_000)));
  expect(waitsMs).toBe(endsWith);
});

it('waits until the time since the beginning of the batch is over', async () => {
  const beganAt = performance.now();
  await gather(beganAt, 4, new AbortController().signal);
  // A timer counts from the beginning of the turn of the event loop.
  expect(performance.now() - beganAt).toBeGreaterThan(gatheringMs(4) / 2);
});

it('ends with a stop', async () => {
  const stopping = new AbortController();
  // Begins in an hour, so that nothing but the stop ends it within the time of a test.
  const gathering = gather(performance.now() + 3_600_000, 4, stopping.signal);
  stopping.abort();
  await gathering;
});
