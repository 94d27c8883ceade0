import { setInterval } from 'node:timers/promises';
import type { Child } from './guarded-child.ts';

export interface HealthOptions {
  /** The server's own health checks: each must be answered by any 2xx. */
  readonly urls: readonly string[];
  /** Time between two rounds of checks, in milliseconds. */
  readonly interval?: number;
  /** Longest wait for one answer, in milliseconds; as long as the interval where it is not given. */
  readonly wait?: number;
  /** So many rounds of checks in a row must fail. */
  readonly patience?: number;
}

/**
 * Ends a server that runs and says of itself that it is not well, so that its supervisor starts it again: what an
 * orchestrator does with a failing health check. Ends with the child.
 */
export async function watchHealth(
  child: Pick<Child, 'exited' | 'kill'>,
  options: HealthOptions,
): Promise<void> {
  const { urls, interval = 2_000, wait = interval, patience = 5 } = options;
  const ended = new AbortController();
  void child.exited.then(() => ended.abort());
  let failed = 0;
  try {
    for await (const _ of setInterval(interval, undefined, { signal: ended.signal })) {
      const well = await Promise.all(urls.map((url) => isWell(url, wait)));
      failed = well.every(Boolean) ? 0 : failed + 1;
      if (failed >= patience) return child.kill('SIGKILL');
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
