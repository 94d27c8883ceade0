import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { UserIds } from '../children/guarded-child.ts';

/**
 * For root only: folder of data and programs that the user of the server cannot reach inside the clone, for
 * example in a clone under /root. Not the temporary folder, which a reboot empties.
 */
const rootPlace = '/var/lib/rookery';

/**
 * Returns the user for Postgres, which refuses to run as root: `postgres`, otherwise `nobody`. Undefined for
 * an ordinary user.
 */
export function serverUser(): UserIds | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const wanted of ['postgres', 'nobody']) {
    const found = users.find(([name]) => name === wanted);
    if (found) return { uid: Number(found[2]), gid: Number(found[3]) };
  }
  throw new Error('Postgres refuses to run as root, and there is no user postgres or nobody to run it as');
}

/** Returns the folder for data that belongs in `dir`: `dir` itself, or a folder of its own under /var/lib/rookery. */
export const placeFor = (dir: string, user: UserIds | undefined): string =>
  user === undefined || canReach(dirname(dir), user)
    ? dir
    : join(rootPlace, `${basename(dirname(dir)).replaceAll('.', '')}-${shortHash(dir)}`);

/** Creates the folder, private to the user who will run the server. */
export function makePrivateDir(dir: string, user: UserIds | undefined): void {
  // Parent folders must be accessible to the user for any umask.
  const made = mkdirSync(dirname(dir), { recursive: true, mode: 0o755 });
  if (made !== undefined && user !== undefined) chmodSync(dirname(dir), 0o755);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  if (user !== undefined) chownSync(dir, user.uid, user.gid);
}

/** Returns the folder of the programs, or a copy that the user can reach. */
export function reachablePrograms(folder: string, user: UserIds | undefined): string {
  const real = realpathSync(folder);
  if (user === undefined || canReach(real, user)) return real;
  const copy = join(rootPlace, `programs-${shortHash(real)}`);
  if (!existsSync(copy)) {
    const draft = `${copy}.${process.pid}`;
    mkdirSync(rootPlace, { recursive: true, mode: 0o755 });
    cpSync(real, draft, { recursive: true, verbatimSymlinks: true });
    try {
      renameSync(draft, copy);
    } catch (error) {
      rmSync(draft, { recursive: true, force: true });
      if (!existsSync(copy)) throw error; // another process was quicker: its copy is as good
    }
  }
  return copy;
}

/** Returns whether the user can pass every existing folder on the path. */
function canReach(dir: string, user: UserIds): boolean {
  for (let folder = dir; ; folder = dirname(folder)) {
    if (existsSync(folder)) {
      const { mode, uid, gid } = statSync(folder);
      const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
      if ((mode & bit) === 0) return false;
    }
    if (folder === dirname(folder)) return true;
  }
}

const shortHash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 12);
