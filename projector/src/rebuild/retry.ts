import { waitBeforeRetry } from '@rookery/runtime';
import { UnknownEventVersionError } from '@rookery/schema/events';
import { VerificationUnavailableError } from '../verify/verification-unavailable.ts';
import { RebuildConflictError } from './job.ts';

/** Maximum number of attempts while a store is down: slightly over a minute. */
const maxAttempts = 20;

/** Number of attempts at the start, when the caller needs to know quickly that a store is down: some seconds. */
export const maxFirstAttempts = 6;

/** Returns whether another attempt cannot help. */
const isFinal = (error: unknown): boolean =>
  error instanceof UnknownEventVersionError ||
  error instanceof RebuildConflictError ||
  error instanceof VerificationUnavailableError ||
  error instanceof TypeError;

/** Repeats the work while a store is down. All work here is idempotent. */
export const retryWhileDown = async <T>(
  signal: AbortSignal,
  work: () => Promise<T>,
  tries = maxAttempts,
): Promise<T> => {
  for (let failures = 1; ; failures++) {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (isFinal(error) || failures >= tries) throw error;
      await waitBeforeRetry(failures, { signal });
    }
  }
};
