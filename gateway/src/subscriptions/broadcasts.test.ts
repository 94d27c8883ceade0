import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Broadcasts, type Channel } from './broadcasts.ts';

/** Broadcasts on a clock by which each delivery takes a tenth of a millisecond. Turns are taken by hand. */
const world = () => {
  let now = 0;
  const later: (() => void)[] = [];
  const broadcasts = new Broadcasts<string[]>({ now: () => now, later: (run) => void later.push(run) });
  return {
    turns: () => later.length,
    turn: () => later.shift()?.(),
    send: (channel: Channel<string[]>, readers: readonly string[][], event: string) =>
      broadcasts.send(channel, readers, (reader) => {
        now += 0.1;
        reader.push(event);
      }),
  };
};
const readersOf = (count: number): string[][] => Array.from({ length: count }, () => []);
const served = (readers: readonly string[][]) => readers.filter(({ length }) => length > 0).length;

test('an event for thousands is handed out a few milliseconds in each turn', () => {
  const { send, turn, turns } = world();
  const readers = readersOf(5_000);
  send([], readers, 'a');
  for (let before = 0; before < readers.length; turn()) {
    const now = served(readers);
    expect(now - before).toBeGreaterThan(0);
    expect(now - before).toBeLessThanOrEqual(50 + 16);
    before = now;
  }
  expect(turns()).toBe(0);
  expect(readers.every(({ length }) => length === 1)).toBe(true);
});

test('an event for a few is handed out at once, whatever others wait for', () => {
  const { send } = world();
  const [many, few] = [readersOf(5_000), readersOf(16)];
  send([], many, 'a');
  send([], few, 'b');
  expect(served(few)).toBe(16);
});

test('channels take turns', () => {
  const { send, turn } = world();
  const [first, second] = [readersOf(5_000), readersOf(100)];
  send([], first, 'a');
  send([], second, 'b');
  for (let n = 0; n < 5; n++) turn();
  expect(served(second)).toBe(100);
  expect(served(first)).toBeLessThan(500);
});

test('no more than 100 events of a channel wait', () => {
  const { send } = world();
  const readers = readersOf(1_000);
  const channel: Channel<string[]> = [];
  for (let n = 0; n < 500; n++) {
    send(channel, readers, String(n));
    expect(channel.length).toBeLessThanOrEqual(100);
  }
  expect(readers.every(({ length }) => length >= 400)).toBe(true);
});

test('each reader gets what was sent to it, once and in order, however sends and turns alternate', () => {
  const step = fc.oneof(
    fc.record({ to: fc.constantFrom(0, 1), from: fc.nat(200), count: fc.oneof(fc.nat(16), fc.nat(200)) }),
    fc.constant('turn' as const),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
      const { send, turn, turns } = world();
      const channels: Channel<string[]>[] = [[], []];
      // Readers of two channels, as no subscription has two upstreams.
      const readers = [readersOf(400), readersOf(400)];
      const expected = [readersOf(400), readersOf(400)];
      steps.forEach((each, n) => {
        if (each === 'turn') {
          turn();
          return;
        }
        const { to, from, count } = each;
        send(channels[to] ?? [], readers[to]?.slice(from, from + count) ?? [], String(n));
        for (const reader of expected[to]?.slice(from, from + count) ?? []) reader.push(String(n));
      });
      while (turns() > 0) turn();
      expect(readers).toEqual(expected);
    }),
  );
});
