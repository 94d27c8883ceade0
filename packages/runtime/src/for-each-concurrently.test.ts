import { expect, it } from 'vitest';
import { forEachConcurrently } from './for-each-concurrently.ts';

it('works on so many items at once, and on each of them', async () => {
  let running = 0;
  let most = 0;
  const seen: number[] = [];
  await forEachConcurrently(Array.from({ length: 50 }, (_, i) => i).values(), 4, async (i) => {
    most = Math.max(most, ++running);
    await Promise.resolve();
    seen.push(i);
    running--;
  });
  expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
  expect(most).toBe(4);
});

it('starts nothing more after the first failure', async () => {
  let started = 0;
  const failing = forEachConcurrently(Array.from({ length: 50 }), 4, async () => {
    started++;
    await Promise.resolve();
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(started).toBe(4);
});

it('rejects with the first failure, and only once all started work has ended', async () => {
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  let settled = false;
  const order: string[] = [];
  const failing = forEachConcurrently(['slow', 'first', 'second'], 3, async (name) => {
    if (name === 'slow') await held;
    else if (name === 'second') await Promise.resolve();
    order.push(name);
    if (name !== 'slow') throw new Error(name);
  }).finally(() => {
    settled = true;
  });
  failing.catch(() => {});
  await new Promise(setImmediate);
  expect(order).toEqual(['first', 'second']);
  expect(settled).toBe(false);
  release();
  await expect(failing).rejects.toThrow('first');
  expect(order.at(-1)).toBe('slow');
});

it('rejects if the items cannot be listed', async () => {
  const broken = (function* () {
    yield 1;
    throw new Error('no more');
  })();
  await expect(forEachConcurrently(broken, 2, async () => {})).rejects.toThrow('no more');
});
