import { readdirSync, readFileSync } from 'node:fs';
import { processNames } from '@rookery/stack';
import type { Arena } from '../arena.ts';

export interface Resources {
  readonly pid: number;
  readonly descriptors: number;
  /** Bytes. */
  readonly memory: number;
}

/** Open descriptors (files, sockets) and resident memory of each process that runs. */
export const readResources = ({ system }: Arena): Map<string, Resources> =>
  new Map(
    processNames.flatMap((name) => {
      const pid = system.pid(name);
      if (pid === undefined) return [];
      try {
        const resident = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
        const descriptors = readdirSync(`/proc/${pid}/fd`).length;
        return [[name, { pid, descriptors, memory: Number(resident ?? 0) * 1_024 }] as const];
      } catch {
        return [];
      }
    }),
  );

/** Descriptors that may be open beyond the baseline: pools that have grown to their bound and idle out later. */
const moreDescriptors = 40;
/** A heap that has warmed up, and no more. Bytes. */
const moreMemory = 250 * 2 ** 20;

/** What has grown beyond its baseline, for processes that have lived all along. */
export const grown = (
  before: ReadonlyMap<string, Resources>,
  now: ReadonlyMap<string, Resources>,
): string[] =>
  [...now].flatMap(([name, { pid, descriptors, memory }]) => {
    const base = before.get(name);
    if (!base || base.pid !== pid) return [];
    return [
      ...(descriptors > base.descriptors + moreDescriptors
        ? [`${name}: ${descriptors} descriptors, ${base.descriptors} before`]
        : []),
      ...(memory > base.memory + moreMemory
        ? [`${name}: ${memory >> 20} MiB, ${base.memory >> 20} MiB before`]
        : []),
    ];
  });
