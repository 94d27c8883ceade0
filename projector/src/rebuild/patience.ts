import { UnknownEventVersion } from '@rookery/schema/events';
import { pause } from '../pause.ts';

/** Tries of one piece of work while a store is away: somewhat over a minute in all. */
const mostTries = 20;

/** Does it again while a store is away; every piece of work here may be done twice. */
export const patiently = async <T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> => {
  for (let failures = 1; ; failures++) {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (error instanceof UnknownEventVersion || error instanceof TypeError || failures >= mostTries)
        throw error;
      await pause(failures, { signal });
    }
  }
};
