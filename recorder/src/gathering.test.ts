import { expect, it } from 'vitest';
import { gather, gatheringMs } from './gathering.ts';

it.each([
  { events: 1, waitsMs: 8 },
  { events: 2, waitsMs: 16 },
  { events: 4, waitsMs: 25 },
  { events: 99, waitsMs: 25 },
  { events: 100, waitsMs: 0 },
  { events: 1_000, waitsMs: 0 },
])('after a batch of $events the next one waits $waitsMs ms', ({ events, waitsMs }) => {
  expect(gatheringMs(events)).toBe(waitsMs);
});

it('waits until the time since the beginning of the batch is over', async () => {
  const beganAt = performance.now();
  await gather(beganAt, 4);
  // A timer counts from the beginning of the turn of the event loop.
  expect(performance.now() - beganAt).toBeGreaterThan(gatheringMs(4) / 2);
});
