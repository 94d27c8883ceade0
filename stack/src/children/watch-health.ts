import { setInterval } from 'node:timers/promises';
import type { Child } from './guarded-child.ts';

export interface HealthOptions {
  /** Health checks of the server. Each must be answered by any 2xx. */
  readonly urls: readonly string[];
  /** Interval between checks. Milliseconds. */
  readonly interval?: number;
  /** Maximum wait for an answer in milliseconds. Default: the interval. */
  readonly wait?: number;
  /** Number of consecutive failed checks. */
  readonly maxFailures?: number;
}

/**
 * Stops a server that runs but reports itself unhealthy, so that its supervisor restarts it, as an
 * orchestrator does after a failed health check. Ends with the child.
 */
export async function watchHealth(
  child: Pick<Child, 'exited' | 'kill'>,
  options: HealthOptions,
): Promise<void> {
  const { urls, interval = 2_000, wait = interval, maxFailures = 5 } = options;
  const ended = new AbortController();
  void child.exited.then(() => ended.abort());
  let failed = 0;
  try {
    for await (const _ of setInterval(interval, undefined, { signal: ended.signal })) {
      const well = await Promise.all(urls.map((url) => isWell(url, wait)));
      failed = well.every(Boolean) ? 0 : failed + 1;
      if (failed >= maxFailures) return child.kill('SIGKILL');
    }
  } catch (error) {
    if (!ended.signal.aborted) throw error;
  }
}

async function isWell(url: string, wait: number): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(wait) });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}
