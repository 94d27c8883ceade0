import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { identify, isAlive } from '../children/process-identity.ts';

/** Records the process that runs under this name, so that the next start finds it after a SIGKILL. */
export function noteRunning(dir: string, name: string, pid: number): void {
  mkdirSync(join(dir, 'run'), { recursive: true });
  writeFileSync(join(dir, 'run', name), identify(pid));
}

export const forgetRunning = (dir: string): void =>
  rmSync(join(dir, 'run'), { recursive: true, force: true });

/**
 * Waits for the processes of a killed run, whose watchers are ending them. Two runs on one data folder would
 * corrupt it.
 * @throws if a process is left after `timeoutMs` ms and a SIGKILL
 */
export async function awaitLeftovers(dir: string, timeoutMs = 7000): Promise<void> {
  let names: string[];
  try {
    names = readdirSync(join(dir, 'run'));
  } catch {
    return; // the last run ended in good order
  }
  for (const name of names) {
    const identity = readFileSync(join(dir, 'run', name), 'utf8');
    const until = performance.now() + timeoutMs;
    while (isAlive(identity)) {
      if (performance.now() > until) {
        throw new Error(
          `${name} of an earlier run is still there (process ${identity.split(' ')[0]}): end it and try again`,
        );
      }
      await delay(50);
    }
  }
  forgetRunning(dir);
}
