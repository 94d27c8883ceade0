import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { type LeavableIterator, mapIterator, prepend, pullIterator } from './iterators.ts';

const done = { done: true, value: undefined } as const;
const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
const collect = async <T>(values: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
};
const never = (): Promise<never> => new Promise(() => {});

describe('pullIterator', () => {
  it('pulls only when it is asked for a value, and answers concurrent reads in order', async () => {
    let next = 0;
    const pull = vi.fn(async () => next++);
    const values = pullIterator(pull);
    await setImmediate();
    expect(pull).not.toHaveBeenCalled();
    const reads = [values.next(), values.next(), values.next()];
    expect(pull).toHaveBeenCalledTimes(1);
    expect(await Promise.all(reads)).toEqual(numbers(3).map((value) => ({ value, done: false })));
    expect(pull).toHaveBeenCalledTimes(3);
  });

  const leaving = {
    'return()': (values: LeavableIterator<number>) => values.return(),
    'throw()': (values: LeavableIterator<number>) => values.throw(new Error('left')).catch(() => {}),
    disposal: (values: LeavableIterator<number>) => values[Symbol.asyncDispose](),
    'an abort': async (_values: LeavableIterator<number>, abort: () => void) => abort(),
  };
  it.each(Object.entries(leaving))(
    '%s ends a pending next() at once, and tells the source',
    async (_, leave) => {
      const onEnd = vi.fn();
      const abort = new AbortController();
      let told: AbortSignal | undefined;
      const values = pullIterator<number>(
        (signal) => {
          told = signal;
          return never();
        },
        { onEnd, signal: abort.signal },
      );
      const pending = values.next();
      await leave(values, () => abort.abort());
      expect(await pending).toEqual(done);
      expect(told?.aborted).toBe(true);
      await values.return();
      abort.abort();
      expect(onEnd).toHaveBeenCalledTimes(1);
      expect(await values.next()).toEqual(done);
    },
  );

  it('ends if the source ends or fails', async () => {
    const onEnd = vi.fn();
    expect(await pullIterator(async () => undefined, { onEnd }).next()).toEqual(done);
    const failing = pullIterator(() => Promise.reject(new Error('lost')), { onEnd });
    const [failed, after] = await Promise.allSettled([failing.next(), failing.next()]);
    expect(failed).toMatchObject({ status: 'rejected', reason: new Error('lost') });
    expect(after).toEqual({ status: 'fulfilled', value: done });
    expect(onEnd).toHaveBeenCalledTimes(2);
  });

  it('ends at once if its signal is aborted already', async () => {
    const onEnd = vi.fn();
    const values = pullIterator(async () => 1, { onEnd, signal: AbortSignal.abort() });
    expect(await values.next()).toEqual(done);
    expect(onEnd).toHaveBeenCalledTimes(1);
  });

  it('resolves return() after the cleanup, and rejects it if the cleanup fails', async () => {
    const cleanup = Promise.withResolvers<void>();
    const values = pullIterator(async () => 1, { onEnd: () => cleanup.promise });
    const left = vi.fn();
    const leaving = values.return().then(left);
    await setImmediate();
    expect(left).not.toHaveBeenCalled();
    cleanup.resolve();
    await leaving;
    const failing = pullIterator(async () => 1, { onEnd: () => Promise.reject(new Error('stuck')) });
    await expect(failing.return()).rejects.toThrow('stuck');
  });

  it('can leave a pending next() unsettled', async () => {
    const values = pullIterator<number>(never, { abandonsPending: true });
    const settled = vi.fn();
    void values.next().then(settled);
    await values.return();
    await setImmediate();
    expect(settled).not.toHaveBeenCalled();
    expect(await values.next()).toEqual(done);
  });
});

describe('iterators over others', () => {
  const source = (count: number) => {
    const onEnd = vi.fn();
    let next = 0;
    return Object.assign(
      pullIterator(async () => (next < count ? next++ : undefined), { onEnd }),
      { onEnd },
    );
  };

  it('map each value, and leave the source with its reader or when mapping fails', async () => {
    const whole = source(3);
    expect(await collect(mapIterator(whole, (n) => n * 2))).toEqual([0, 2, 4]);
    const left = source(3);
    await mapIterator(left, (n) => n).return();
    const failed = source(3);
    await expect(mapIterator(failed, () => Promise.reject(new Error('odd'))).next()).rejects.toThrow('odd');
    for (const { onEnd } of [whole, left, failed]) expect(onEnd).toHaveBeenCalledTimes(1);
  });

  it('have one value first, and leave the rest even before it is read', async () => {
    expect(await collect(prepend(-1, source(3)))).toEqual([-1, 0, 1, 2]);
    const left = source(3);
    await prepend(-1, left).return();
    expect(left.onEnd).toHaveBeenCalledTimes(1);
  });
});
