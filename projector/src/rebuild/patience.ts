import { UnknownEventVersion } from '@rookery/schema/events';
import { pause } from '../pause.ts';
import { CanNotVerify } from '../verify/can-not-verify.ts';
import { RebuildInTheWay } from './job.ts';

/** Tries of one piece of work while a store is away: somewhat over a minute in all. */
const mostTries = 20;

/** The same at the beginning, when whoever calls wants to know that there is no store: some seconds. */
export const firstTries = 6;

/** What trying again can't mend. */
const isFinal = (error: unknown): boolean =>
  error instanceof UnknownEventVersion ||
  error instanceof RebuildInTheWay ||
  error instanceof CanNotVerify ||
  error instanceof TypeError;

/** Does it again while a store is away; every piece of work here may be done twice. */
export const patiently = async <T>(
  signal: AbortSignal,
  work: () => Promise<T>,
  tries = mostTries,
): Promise<T> => {
  for (let failures = 1; ; failures++) {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (isFinal(error) || failures >= tries) throw error;
      await pause(failures, { signal });
    }
  }
};
