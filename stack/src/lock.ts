import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { identify, isAlive } from './children/process-identity.ts';

export interface Lock extends Disposable {
  release(): void;
}

/** A running process holds the lock. */
export class LockedError extends Error {
  override name = 'LockedError';
  readonly pid: number;
  constructor(path: string, pid: number) {
    super(`${path} is held by process ${pid}`);
    this.pid = pid;
  }
}

/**
 * Takes a lock file. The file appears with its content in one step (link), so it is never read half-written.
 * The lock of a killed process is taken over.
 * @throws LockedError while its holder runs
 */
export function takeLock(path: string): Lock {
  const own = identify(process.pid);
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, own);
  try {
    for (;;) {
      try {
        linkSync(draft, path);
        return makeLock(path, own);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const holder = readIfThere(path);
      if (holder === undefined) continue;
      if (isAlive(holder)) throw new LockedError(path, Number.parseInt(holder, 10));
      removeStale(path, holder);
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Takes a lock file like takeLock, but waits until its holder releases it. */
export async function waitForLock(path: string, onWait: () => void = () => {}): Promise<Lock> {
  for (let waited = false; ; ) {
    try {
      return takeLock(path);
    } catch (error) {
      if (!(error instanceof LockedError)) throw error;
      if (!waited) onWait();
      waited = true;
      await delay(100);
    }
  }
}

/** Returns the pid of the running holder if the lock is held. */
export function lockHolder(path: string): number | undefined {
  const holder = readIfThere(path);
  return holder !== undefined && isAlive(holder) ? Number.parseInt(holder, 10) : undefined;
}

function makeLock(path: string, own: string): Lock {
  const release = () => {
    if (readIfThere(path) === own) rmSync(path, { force: true });
  };
  return { release, [Symbol.dispose]: release };
}

/** Renames the file before deleting it: if two processes find it stale, only one gets it. */
function removeStale(path: string, holder: string): void {
  const aside = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  // A new holder appeared in between: restore its file.
  if (readIfThere(aside) !== holder) {
    try {
      linkSync(aside, path);
    } catch {
      // A third process was faster and holds the lock.
    }
  }
  rmSync(aside, { force: true });
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
