import { setTimeout } from 'node:timers/promises';

/**
 * Asks again and again until it holds. It must stay true once it is: what may pass between two looks is waited for in
 * vain. @param within milliseconds @throws Error with the last answer if it never holds
 */
export const eventually = async (
  holds: () => Promise<boolean> | boolean,
  { within = 60_000, what = 'the condition' } = {},
): Promise<void> => {
  const deadline = performance.now() + within;
  let last: unknown;
  for (;;) {
    try {
      if (await holds()) return;
      last = 'false';
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) throw new Error(`${what} did not come true in ${within} ms: ${last}`);
    await setTimeout(20);
  }
};
