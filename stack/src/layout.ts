import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root of the clone. */
export const cloneDir = fileURLToPath(new URL('../..', import.meta.url));

/** Folder of the data, secrets and logs of `npm start`: DATA_DIR, relative to the clone. */
export const dataDir = (env: NodeJS.ProcessEnv = process.env): string =>
  resolve(cloneDir, env.DATA_DIR || '.rookery');

/**
 * Folder of downloaded or built servers. It belongs to the clone and not to DATA_DIR, so that `npm start` and
 * `npm test` share it and `npm run reset` keeps it.
 */
export const downloadsDir = join(cloneDir, '.rookery', 'servers');

/** Returns a path as a person in the clone would write it. */
export function display(path: string): string {
  const short = relative(cloneDir, path);
  return short.startsWith('..') ? path : short || '.';
}
