import { readFileSync } from 'node:fs';
import { processNames } from '@rookery/stack';
import { type FreshServer, processTree, type System } from '@rookery/tests/support';

/** Unit of the times in /proc, on every architecture that Node supports. */
const ticksPerSecond = 100;

/** Fields of /proc/<pid>/stat after the name: utime, stime, and both of the children that were waited for. */
const timeFields = [11, 15] as const;

const ticksOf = (pid: number): number => {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    // It is gone, and counted by its parent.
    return 0;
  }
  // The name, in parentheses, may contain spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(...timeFields).reduce((sum, ticks) => sum + Number(ticks), 0);
};

/**
 * Returns the CPU time in seconds that a process and all below it have used, those that have ended included. Linux
 * only: elsewhere it is 0.
 */
const cpuSeconds = (pid: number): number =>
  processTree(pid).reduce((sum, one) => sum + ticksOf(one), 0) / ticksPerSecond;

/** Name of the CPU time of this process. */
const load = 'the load itself';

/** Pids of the processes and servers of a system. Its Postgres must be its own. */
export const pidsOf = (system: System, postgres: FreshServer): readonly (readonly [string, number])[] => [
  ...processNames.map((name) => [name, system.pid(name) ?? 0] as const),
  ['NATS', system.servers.nats.pid],
  ['Redis', system.servers.redis.pid],
  ['Postgres', postgres.pid],
];

/** CPU time in seconds by process. */
export type CpuTimes = Readonly<Record<string, number>>;

/** Reads the CPU time that these processes and this one have used so far. */
export const cpuTimesOf = (pids: readonly (readonly [name: string, pid: number])[]): CpuTimes => {
  const { user, system: kernel } = process.cpuUsage();
  return {
    ...Object.fromEntries(pids.map(([name, pid]) => [name, cpuSeconds(pid)])),
    [load]: (user + kernel) / 1e6,
  };
};

/** Returns a function that reads the CPU time used so far. */
export const cpuReader = (system: System, postgres: FreshServer): (() => CpuTimes) => {
  const pids = pidsOf(system, postgres);
  return () => cpuTimesOf(pids);
};

/**
 * Returns the time in seconds for which the main thread of a process was ready to run and waited for a core. Linux only: elsewhere
 * it is 0.
 */
export const waitedSeconds = (pid: number): number => {
  try {
    const [, waitedNs = 0] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ').map(Number);
    return waitedNs / 1e9;
  } catch {
    return 0;
  }
};

/** Returns the number of cores that were in use on average between two readings, by the load as well. */
export const coresInUse = (before: CpuTimes, after: CpuTimes, seconds: number): number =>
  Object.entries(after).reduce((sum, [name, used]) => sum + used - (before[name] ?? 0), 0) / seconds;

/** Returns the CPU time of one of `count` items between two readings, in milliseconds by process, and their sum. */
export const cpuFigures = (
  item: string,
  count: number,
  before: CpuTimes,
  after: CpuTimes,
): Readonly<Record<string, number>> => {
  const each = Object.entries(after).map(
    ([name, used]) => [name, ((used - (before[name] ?? 0)) * 1_000) / count] as const,
  );
  const sum = each.reduce((total, [name, ms]) => (name === load ? total : total + ms), 0);
  return Object.fromEntries(
    [...each, ['all but the load', sum] as const].map(([name, ms]) => [`CPU per ${item}, ${name}, ms`, ms]),
  );
};
