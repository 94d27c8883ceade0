import { setTimeout } from 'node:timers/promises';

/** Asks again and again until it holds, and fails with the last answer where it never does. Milliseconds. */
export const eventually = async (
  holds: () => Promise<boolean> | boolean,
  { within = 30_000, what = 'the condition' } = {},
): Promise<void> => {
  const deadline = Date.now() + within;
  let last: unknown;
  for (;;) {
    try {
      if (await holds()) return;
      last = 'false';
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) throw new Error(`${what} did not come true in ${within} ms: ${last}`);
    await setTimeout(20);
  }
};
