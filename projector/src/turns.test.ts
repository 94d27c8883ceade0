import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createTurns, type Turn } from './turns.ts';

const backlog = (position: number): Turn => ({ position, waiting: 500_000 });
const live: Turn = { position: 1_000_000, waiting: 3 };

/** Records which work has begun, and lets it end on demand. */
const createWork = () => {
  const begun: string[] = [];
  const sizes: number[] = [];
  const end = new Map<string, () => void>();
  const work = (name: string) => (maxEvents: number) =>
    new Promise<void>((resolve) => {
      begun.push(name);
      sizes.push(maxEvents);
      end.set(name, resolve);
    });
  const ends = async (name: string): Promise<void> => {
    end.get(name)?.();
    for (let i = 0; i < 5; i++) await setImmediate();
  };
  return { begun, sizes, work, ends };
};
const settle = async () => {
  for (let i = 0; i < 5; i++) await setImmediate();
};

it('admits the projection that is furthest behind first, two at once', async () => {
  const turns = createTurns(() => 0);
  const { begun, sizes, work, ends } = createWork();
  for (const [name, position] of [
    ['first', 9],
    ['second', 8],
    ['c', 30],
    ['a', 10],
    ['b', 20],
  ] as const)
    void turns.take(backlog(position), work(name));
  await settle();
  expect(begun).toEqual(['first', 'second']);
  await ends('first');
  await ends('second');
  await ends('a');
  expect(begun).toEqual(['first', 'second', 'a', 'b', 'c']);
  expect(new Set(sizes)).toEqual(new Set([1_000]));
});

it('lets new events of others go at once, and shortens the turns of backlogs meanwhile', async () => {
  let now = 0;
  const turns = createTurns(() => now);
  const { begun, sizes, work, ends } = createWork();
  void turns.take(backlog(1), work('backlog'));
  await settle();
  void turns.take(live, work('live'));
  for (const name of ['other', 'third']) void turns.take(backlog(2), work(name));
  await settle();
  expect(begun).toEqual(['backlog', 'live']);
  await ends('live');
  await ends('backlog');
  // For a while after a live batch the next one is expected.
  expect(begun).toEqual(['backlog', 'live', 'other']);
  expect(sizes.at(-1)).toBe(250);
  now = 5_000;
  await ends('other');
  expect(begun.at(-1)).toBe('third');
  expect(sizes.at(-1)).toBe(1_000);
});

it('passes on a failure, and the turn to the next', async () => {
  const turns = createTurns(() => 0);
  const fails = () => turns.take(backlog(1), () => Promise.reject(new Error('no answer')));
  await Promise.all([1, 2, 3].map(() => expect(fails()).rejects.toThrow('no answer')));
  expect(await turns.take(backlog(1), async () => 'done')).toBe('done');
});
