import type { Child, Exit } from '../children/guarded-child.ts';

/** A server that accepts connections. */
export interface Server extends AsyncDisposable {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
  readonly exited: Promise<Exit>;
  kill(signal: NodeJS.Signals): void;
  stop(): Promise<void>;
}

/**
 * @param signal signal for a graceful shutdown
 * @param timeoutMs milliseconds before SIGKILL
 */
export function toServer(
  child: Child,
  url: string,
  signal: NodeJS.Signals = 'SIGTERM',
  timeoutMs = 2000,
): Server {
  const stop = async () => {
    await child.stop(signal, timeoutMs);
  };
  const { name, pid, exited, kill } = child;
  return { name, url, pid, exited, kill, stop, [Symbol.asyncDispose]: stop };
}
