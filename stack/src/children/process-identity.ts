import { readFileSync } from 'node:fs';

/**
 * Returns "pid start-time", which distinguishes a process from a later one with the same pid if /proc has
 * start times.
 */
export function identify(pid: number): string {
  return `${pid} ${readStat(pid)?.startTime ?? ''}`.trimEnd();
}

/** Returns whether the process of this identity still runs. A zombie does not. */
export function isAlive(identity: string): boolean {
  const [pidText = '', startTime] = identity.split(' ');
  const pid = Number.parseInt(pidText, 10);
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs, but as another user.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const stat = readStat(pid);
  if (stat === undefined) return true; // no /proc on this platform
  return (
    stat.state !== 'Z' && stat.state !== 'X' && (startTime === undefined || stat.startTime === startTime)
  );
}

/** Reads fields 3 and 22 of /proc/<pid>/stat (proc(5)). The name in field 2 may contain blanks and parentheses. */
function readStat(pid: number): { state: string; startTime: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', startTime: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}
