import { describe, expect, it, vi } from 'vitest';
import { pullIterator } from './pull.ts';

describe('pullIterator', () => {
  it('asks for a value only when it is asked for one', async () => {
    const pull = vi.fn(async () => 1);
    const values = pullIterator(pull, () => {});
    expect(pull).not.toHaveBeenCalled();
    await expect(values.next()).resolves.toEqual({ value: 1, done: false });
    expect(pull).toHaveBeenCalledTimes(1);
  });

  it('lets go at once of a pending next() when it is returned, and tells the source', async () => {
    const onEnd = vi.fn();
    let told: AbortSignal | undefined;
    const values = pullIterator<number>((signal) => {
      told = signal;
      return new Promise(() => {});
    }, onEnd);
    const pending = values.next();
    await values.return?.();
    await expect(pending).resolves.toEqual({ value: undefined, done: true });
    expect(told?.aborted).toBe(true);
    await values.return?.();
    expect(onEnd).toHaveBeenCalledTimes(1);
    await expect(values.next()).resolves.toEqual({ value: undefined, done: true });
  });

  it('ends if the source ends or fails', async () => {
    const ended = vi.fn();
    await expect(pullIterator(async () => undefined, ended).next()).resolves.toMatchObject({ done: true });
    const failing = pullIterator(() => Promise.reject(new Error('gone')), ended);
    await expect(failing.next()).rejects.toThrow('gone');
    await expect(failing.next()).resolves.toMatchObject({ done: true });
    expect(ended).toHaveBeenCalledTimes(2);
  });
});
