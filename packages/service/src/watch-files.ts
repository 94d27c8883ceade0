import { statSync } from 'node:fs';

export interface WatchFilesOptions {
  readonly files: readonly string[];
  /** Called after any of them has changed, appeared or gone. What it throws is for `onError`. */
  readonly onChange: () => void | Promise<void>;
  readonly onError: (error: unknown) => void;
  /** Time between two looks, in milliseconds. */
  readonly every?: number;
}

/** What tells one content of a file from the next: a file that is renamed into its place is another one. */
const stateOf = (file: string): string => {
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined ? 'absent' : `${found.ino} ${found.mtimeMs} ${found.size}`;
};

/**
 * Looks at files again and again, and tells when one of them is another. Looked at, since a watch of the operating
 * system misses what a container's volume changes behind a symbolic link.
 */
export const watchFiles = ({ files, onChange, onError, every = 1_000 }: WatchFilesOptions): Disposable => {
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
  }, every).unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
};
