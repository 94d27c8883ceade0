import { setTimeout } from 'node:timers/promises';

/** Asks again until the answer is there. @throws after `deadline` ms, with the last error */
export const until = async <T>(ask: () => Promise<T | undefined>, deadline = 20_000): Promise<T> => {
  const end = performance.now() + deadline;
  for (;;) {
    let last: unknown = new Error('not in time');
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (error) {
      last = error;
    }
    if (performance.now() > end) throw last;
    await setTimeout(25);
  }
};
