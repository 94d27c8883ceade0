import { readFileSync } from 'node:fs';

/** The process and everything below it, as Linux lists it now: parents before children. */
export const processTree = (pid: number): number[] => {
  let below: number[] = [];
  try {
    below = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      .split(/\s+/)
      .filter(Boolean)
      .map(Number);
  } catch {
    // It is gone.
  }
  return [pid, ...below.flatMap(processTree)];
};

/** Sends a signal to a process and all below it: a server of many processes dies or freezes as a machine does. */
export const signalTree = (pid: number, signal: NodeJS.Signals): void => {
  for (const one of processTree(pid)) {
    try {
      process.kill(one, signal);
    } catch {
      // It went between the look and the signal.
    }
  }
};
