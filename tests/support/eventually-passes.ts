import { vi } from 'vitest';

/** Runs assertions again and again until they pass, for as long as a busy machine may need. */
export const eventuallyPasses = (check: () => Promise<unknown>): Promise<unknown> =>
  vi.waitFor(check, { timeout: 60_000, interval: 20 });
