import { setTimeout } from 'node:timers/promises';

/** A question that is asked repeatedly; false and undefined mean not yet. */
type Ask<T> = () => T | false | undefined | Promise<T | false | undefined>;

const intervalMs = 20;
const defaultMs = 60_000;

/**
 * Asks repeatedly until there is an answer, and returns it. The condition must stay true once it is: a counter that only
 * grows, or a state that nothing changes until the test goes on.
 * @throws an error of `ask` at once, and Error if there is no answer in time
 */
export const until = async <T>(what: string, ask: Ask<T>, withinMs = defaultMs): Promise<T> => {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await setTimeout(intervalMs);
  }
};

/**
 * Asks like `until`, and again after an error too: of a server that is down, say.
 * @param within milliseconds
 * @throws Error with the last answer or error if there is no answer in time
 */
export const eventually = async <T>(
  ask: Ask<T>,
  { within = defaultMs, what = 'the condition' } = {},
): Promise<T> => {
  let last: unknown;
  const asked = async () => {
    try {
      last = await ask();
      return last as T | false | undefined;
    } catch (error) {
      last = error;
      return undefined;
    }
  };
  return until(what, asked, within).catch((error: Error) => {
    throw new Error(`${error.message}: ${last}`, { cause: last });
  });
};
