import { describe, expect, it } from 'vitest';
import { createBell } from './bell.ts';

describe('a bell', () => {
  it('rung before the wait is not missed, and rings once', async () => {
    const bell = createBell();
    bell.ring();
    bell.ring();
    await expect(bell.wait(1)).resolves.toBe(true);
    await expect(bell.wait(1)).resolves.toBe(false);
  });

  it('wakes the one who waits; the signal ends the wait', async () => {
    const bell = createBell();
    const waiting = bell.wait(60_000);
    bell.ring();
    await expect(waiting).resolves.toBe(true);
    const gone = new AbortController();
    const aborted = bell.wait(60_000, gone.signal);
    gone.abort();
    await expect(aborted).resolves.toBe(false);
    await expect(bell.wait(60_000, gone.signal)).resolves.toBe(false);
  });
});
