import { describe, expect, it } from 'vitest';
import { createSignal } from './signal.ts';

describe('a signal', () => {
  it('that is set before the wait is not missed, and ends one wait', async () => {
    const signal = createSignal();
    signal.set();
    signal.set();
    await expect(signal.wait(1)).resolves.toBe(true);
    await expect(signal.wait(1)).resolves.toBe(false);
  });

  it('wakes its waiter; an abort ends the wait', async () => {
    const signal = createSignal();
    const waiting = signal.wait(60_000);
    signal.set();
    await expect(waiting).resolves.toBe(true);
    const gone = new AbortController();
    const aborted = signal.wait(60_000, gone.signal);
    gone.abort();
    await expect(aborted).resolves.toBe(false);
    await expect(signal.wait(60_000, gone.signal)).resolves.toBe(false);
  });
});
