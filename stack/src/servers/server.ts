import type { Child, Exit } from '../children/guarded-child.ts';

/** A server that takes connections. */
export interface Server extends AsyncDisposable {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
  readonly exited: Promise<Exit>;
  kill(signal: NodeJS.Signals): void;
  stop(): Promise<void>;
}

/** signal: the one by which this server shuts down in good order. patience: ms before SIGKILL. */
export function toServer(
  child: Child,
  url: string,
  signal: NodeJS.Signals = 'SIGTERM',
  patience = 2000,
): Server {
  const stop = async () => {
    await child.stop(signal, patience);
  };
  const { name, pid, exited, kill } = child;
  return { name, url, pid, exited, kill, stop, [Symbol.asyncDispose]: stop };
}
