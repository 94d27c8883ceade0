import { setTimeout as delay } from 'node:timers/promises';
import type { Child } from './guarded-child.ts';
import { lastWords } from './last-words.ts';

/** A child did not start. The message is one line: the failure, and the last output of the child. */
export class StartError extends Error {
  override name = 'StartError';
}

export interface WhenReadyOptions {
  /** ms */
  readonly timeoutMs?: number;
  /** Between two probes, ms. */
  readonly intervalMs?: number;
  readonly logFile?: string | undefined;
  /** Returns the last reason that the child gave for not being ready, for the error. */
  readonly state?: () => string | undefined;
}

/**
 * Polls `probe` until it is true.
 * @throws StartError if the child ends first, if the probe throws one, or after `timeoutMs`; the child is
 * then stopped
 */
export async function whenReady(
  child: Child,
  probe: () => Promise<boolean>,
  { timeoutMs = 30_000, intervalMs = 15, logFile, state = () => undefined }: WhenReadyOptions = {},
): Promise<void> {
  const until = performance.now() + timeoutMs;
  for (;;) {
    if (child.hasExited) {
      const { code, signal } = await child.exited;
      throw new StartError(
        `${child.name} ended at once (${signal ?? `code ${code}`})${lastWords(logFile, child.logStart)}`,
      );
    }
    try {
      if (await probe()) return;
    } catch (error) {
      // Any other error means that it is not ready yet.
      if (error instanceof StartError) {
        await child.stop('SIGTERM', 1000);
        throw error;
      }
    }
    if (performance.now() > until) {
      await child.stop('SIGTERM', 1000);
      throw new StartError(
        `${child.name} was not ready after ${timeoutMs / 1000} s${state() ?? lastWords(logFile, child.logStart)}`,
      );
    }
    await delay(intervalMs);
  }
}
