import fc from 'fast-check';
import { expect, it } from 'vitest';
import { gather, gatheringMs } from './gathering.ts';

it.each([
  { events: 1, waitsMs: 8 },
  { events: 2, waitsMs: 16 },
  { events: 4, waitsMs: 32 },
  { events: 10, waitsMs: 80 },
  { events: 11, waitsMs: 80 },
  { events: 199, waitsMs: 80 },
  { events: 200, waitsMs: 0 },
  { events: 1_000, waitsMs: 0 },
])('after a batch of $events the next one waits $waitsMs ms', ({ events, waitsMs }) => {
  expect(gatheringMs(events)).toBe(waitsMs);
});

/**
 * Records events that come at a constant rate, on a clock of its own, from a batch of this size on. Returns how long the last batches
 * have waited for, longest first.
 */
const recordSteadily = (perSecond: number, first: number): number[] => {
  const arrivesAt = (event: number) => (event * 1_000) / perSecond;
  const waits: number[] = [];
  let [now, recorded, batch] = [0, first, first];
  for (let batches = 0; batches < 300; batches++) {
    waits.push(gatheringMs(batch));
    now = Math.max(now + gatheringMs(batch), arrivesAt(recorded - first + 1));
    batch = Math.floor((now * perSecond) / 1_000 + 1e-6) - (recorded - first);
    recorded += batch;
  }
  return waits.slice(-20).sort((a, b) => b - a);
};

it('gathers for 80 ms in the end if 150 events or more come per second, whatever came before', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 150, max: 2_000 }),
      fc.integer({ min: 1, max: 300 }),
      (perSecond, first) => {
        expect(new Set(recordSteadily(perSecond, first))).toEqual(new Set([80]));
      },
    ),
  );
});

it('gathers for no more than two events in the end if 100 or fewer come per second, whatever came before', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 300 }), (perSecond, first) => {
      expect(recordSteadily(perSecond, first)[0]).toBeLessThanOrEqual(16);
    }),
  );
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
