import { expect, it } from 'vitest';
import { gatheringMs } from './gathering.ts';

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
