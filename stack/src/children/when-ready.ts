import { setTimeout as delay } from 'node:timers/promises';
import type { Child } from './guarded-child.ts';
import { lastWords } from './last-words.ts';

/** A child did not come up. The message is one line: what failed, and the last thing that it said. */
export class StartError extends Error {
  override name = 'StartError';
}

export interface WhenReadyOptions {
  /** ms */
  readonly deadline?: number;
  /** Between two probes, ms. */
  readonly interval?: number;
  readonly logFile?: string | undefined;
  /** What the child itself last said about why it is not ready, for the error. */
  readonly state?: () => string | undefined;
}

/**
 * Polls `probe` until it is true.
 * @throws StartError when the child ends first, when the probe throws one, or after `deadline` ms; the child is
 *   stopped then
 */
export async function whenReady(
  child: Child,
  probe: () => Promise<boolean>,
  { deadline = 30_000, interval = 15, logFile, state = () => undefined }: WhenReadyOptions = {},
): Promise<void> {
  const until = performance.now() + deadline;
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
      // Any other error means: not yet.
      if (error instanceof StartError) {
        await child.stop('SIGTERM', 1000);
        throw error;
      }
    }
    if (performance.now() > until) {
      await child.stop('SIGTERM', 1000);
      throw new StartError(
        `${child.name} was not ready after ${deadline / 1000} s${state() ?? lastWords(logFile, child.logStart)}`,
      );
    }
    await delay(interval);
  }
}
