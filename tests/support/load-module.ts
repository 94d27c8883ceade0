import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cloneDir } from '@rookery/stack';

/** Modules and memory of a process. */
export interface Loaded {
  /** Packages from the registry. */
  readonly packages: readonly string[];
  /** Files of this repository. */
  readonly files: readonly string[];
  /** Resident memory afterwards, in bytes. */
  readonly rss: number;
}

const script = fileURLToPath(new URL('loaded-modules.mjs', import.meta.url));

/**
 * Loads a module in a process of its own.
 * @param args its path from the root, and JavaScript that gets it as `loaded`
 */
export const load = async (...args: readonly string[]): Promise<Loaded> => {
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...args], { cwd: cloneDir });
  return JSON.parse(stdout) as Loaded;
};
