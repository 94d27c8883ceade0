import { statSync } from 'node:fs';

export interface WatchFilesOptions {
  readonly files: readonly string[];
  /** Called after one of them has changed, appeared or disappeared. Its errors go to `onError`. */
  readonly onChange: () => void | Promise<void>;
  readonly onError: (error: unknown) => void;
  /** Interval between checks. */
  readonly intervalMs?: number;
}

/**
 * Returns a text that changes with the content of a file: a file that is renamed into its place counts as
 * changed.
 */
const stateOf = (file: string): string => {
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined ? 'absent' : `${found.ino} ${found.mtimeMs} ${found.size}`;
};

/**
 * Polls files and reports changes. A watch of the operating system would miss changes behind a symbolic link
 * in the volume of a container.
 */
export const watchFiles = ({
  files,
  onChange,
  onError,
  intervalMs = 1_000,
}: WatchFilesOptions): Disposable => {
  const state = () => files.map(stateOf).join('\n');
  let known = state();
  let busy = false;
  const look = async (): Promise<void> => {
    const now = state();
    if (now === known) return;
    known = now;
    await onChange();
  };
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    look()
      .catch(onError)
      .finally(() => {
        busy = false;
      });
  }, intervalMs).unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
};
