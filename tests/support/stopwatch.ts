import { readFileSync } from 'node:fs';
import { processTree } from './process-tree.ts';

/** Milliseconds for which each process was ready to run and had no CPU, since it started. Empty outside Linux. */
const delays = (): Map<number, number> => {
  const found = new Map<number, number>();
  for (const pid of processTree(process.pid)) {
    try {
      const [, waitedNs] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ');
      found.set(pid, Number(waitedNs) / 1e6);
    } catch {
      // It has ended, or this system does not count.
    }
  }
  return found;
};

/**
 * Starts to measure a time that the product promises. The function that it returns answers the milliseconds since then,
 * less those for which this process and its children waited for a CPU: what else runs on the machine is not in it.
 */
export const startStopwatch = (): (() => number) => {
  const start = performance.now();
  const before = delays();
  return () => {
    let waited = 0;
    for (const [pid, delay] of delays()) waited += delay - (before.get(pid) ?? 0);
    return Math.max(0, performance.now() - start - waited);
  };
};
