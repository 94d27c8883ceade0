import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { EventQueue } from './event-queue.ts';

const queue = (limit = 3, present: (raw: number) => Promise<number> = async (raw) => raw) => {
  const onClose = vi.fn();
  const onOverflow = vi.fn();
  return Object.assign(new EventQueue<number, number>({ limit, present, onClose, onOverflow }), {
    onClose,
    onOverflow,
  });
};

test('delivers what was pushed before and after next() in order, then ends', async () => {
  const events = queue();
  events.push(1);
  const first = events.next();
  const second = events.next;
  expect(await first).toEqual({ done: false, value: 1 });
  const waiting = second.call(events);
  events.push(2);
  expect(await waiting).toEqual({ done: false, value: 2 });
  events.push(3);
  events.end();
  expect(await events.next()).toEqual({ done: false, value: 3 });
  expect(await events.next()).toEqual({ done: true, value: undefined });
  expect(events.onClose).toHaveBeenCalledTimes(1);
});

test('return() ends a next() that waits for something silent, at once', async () => {
  const events = queue();
  const waiting = events.next();
  await events.return();
  expect(await waiting).toEqual({ done: true, value: undefined });
  expect(events.onClose).toHaveBeenCalledTimes(1);
});

test('return() while an event is being presented withholds the event', async () => {
  const { promise, resolve } = Promise.withResolvers<number>();
  const events = queue(3, () => promise);
  events.push(1);
  const waiting = events.next();
  await events.return();
  resolve(1);
  expect(await waiting).toEqual({ done: true, value: undefined });
});

test('a failure comes after what was sent before it', async () => {
  const events = queue();
  events.push(1);
  events.end({ error: new Error('lost') });
  expect(await events.next()).toEqual({ done: false, value: 1 });
  await expect(events.next()).rejects.toThrow('lost');
  expect(await events.next()).toEqual({ done: true, value: undefined });
});

test('finish() lets what is being presented be the last', async () => {
  const events: ReturnType<typeof queue> = queue(3, async (n) => {
    if (n === 2) events.finish();
    return n;
  });
  for (const n of [1, 2, 3]) events.push(n);
  expect(await events.next()).toEqual({ done: false, value: 1 });
  expect(await events.next()).toEqual({ done: false, value: 2 });
  expect(await events.next()).toEqual({ done: true, value: undefined });
  expect(events.onClose).toHaveBeenCalledTimes(1);
});

test('one event more than may wait closes it, and what waited is gone', async () => {
  const events = queue(2);
  for (const n of [1, 2]) events.push(n);
  expect(events.onOverflow).not.toHaveBeenCalled();
  for (const n of [3, 4]) events.push(n);
  expect(events.onOverflow).toHaveBeenCalledTimes(1);
  expect(events.onClose).toHaveBeenCalledTimes(1);
  expect(await events.next()).toEqual({ done: true, value: undefined });
});

test('whatever the order of pushes and reads, each event comes once and in order', () =>
  fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom('push', 'read', 'turn')), async (steps) => {
      const events = queue(1_000);
      const reads: Promise<IteratorResult<number, undefined>>[] = [];
      let pushed = 0;
      let last: Promise<unknown> = Promise.resolve();
      for (const step of steps) {
        if (step === 'push') events.push(pushed++);
        // As graphql-ws and graphql-sse do: one next() at a time.
        else if (step === 'read') {
          const read = last.then(() => events.next());
          last = read;
          reads.push(read);
        } else await Promise.resolve();
      }
      events.end();
      const got = (await Promise.all(reads)).flatMap(({ done, value }) => (done ? [] : [value]));
      expect(got).toEqual(Array.from({ length: Math.min(pushed, reads.length) }, (_, i) => i));
    }),
  ));
