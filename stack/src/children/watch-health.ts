import { setInterval } from 'node:timers/promises';
import type { Child } from './guarded-child.ts';

export interface HealthOptions {
  /** Health checks of the server. Each must be answered by any 2xx. */
  readonly urls: readonly string[];
  /** Interval between checks. */
  readonly intervalMs?: number;
  /** Maximum wait for an answer. Default: `intervalMs`. */
  readonly timeoutMs?: number;
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
  const { urls, intervalMs = 2_000, timeoutMs = intervalMs, maxFailures = 5 } = options;
  const ended = new AbortController();
  void child.exited.then(() => ended.abort());
  let failed = 0;
  try {
    for await (const _ of setInterval(intervalMs, undefined, { signal: ended.signal })) {
      const well = await Promise.all(urls.map((url) => isWell(url, timeoutMs)));
      failed = well.every(Boolean) ? 0 : failed + 1;
      if (failed >= maxFailures) return child.kill('SIGKILL');
    }
  } catch (error) {
    if (!ended.signal.aborted) throw error;
  }
}

async function isWell(url: string, timeoutMs: number): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}
