import { setInterval } from 'node:timers/promises';
import type { Child } from './guarded-child.ts';

export interface HealthOptions {
  /** The server's own health check; any 2xx is well. */
  readonly url: string;
  /** Time between two checks, in milliseconds. */
  readonly interval?: number;
  /** Longest wait for one answer, in milliseconds; as long as the interval where it is not given. */
  readonly wait?: number;
  /** So many checks in a row must fail. */
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
  const { url, interval = 2_000, wait = interval, patience = 5 } = options;
  const ended = new AbortController();
  void child.exited.then(() => ended.abort());
  let failed = 0;
  try {
    for await (const _ of setInterval(interval, undefined, { signal: ended.signal })) {
      failed = (await isWell(url, wait)) ? 0 : failed + 1;
      if (failed >= patience) return child.kill('SIGKILL');
    }
  } catch (error) {
    if (!ended.signal.aborted) throw error;
  }
}

async function isWell(url: string, wait: number): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(wait) })).ok;
  } catch {
    return false;
  }
}
