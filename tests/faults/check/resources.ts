import { readdirSync } from 'node:fs';
import { processNames } from '@rookery/stack';
import { type Memory, readMemory } from '../../support/memory.ts';
import type { Arena } from '../arena.ts';

export interface Resources extends Memory {
  readonly descriptors: number;
}

/** Open descriptors (files, sockets) and memory of each process that runs. */
export const readResources = async ({ system }: Arena): Promise<Map<string, Resources>> => {
  const all = await Promise.all(
    processNames.map(async (name) => {
      const pid = system.pid(name);
      if (pid === undefined) return [];
      // Read before the descriptors, since the inspector has descriptors as well.
      const memory = await readMemory(pid, () => system.log(name));
      return [[name, { ...memory, descriptors: readdirSync(`/proc/${pid}/fd`).length }] as const];
    }),
  );
  return new Map(all.flat());
};

const MiB = 2 ** 20;

/**
 * Allowed growth since the start; the same for a restarted process, since it does the same work.
 * - descriptors: pools that have grown to their limit and shrink later when idle.
 * - held: compiled code, and caches (plans, documents, prepared statements) that have filled.
 * - resident: pages that allocators keep in addition.
 *
 * The measurements behind them are in docs/explanation/measurements.md.
 */
const more = { descriptors: 40, held: 32 * MiB, resident: 128 * MiB } as const;

/** Returns the values that have grown beyond their baseline. */
export const grown = (
  before: ReadonlyMap<string, Resources>,
  now: ReadonlyMap<string, Resources>,
): string[] =>
  [...now].flatMap(([name, at]) => {
    const base = before.get(name);
    if (!base) return [];
    const inMiB = (bytes: number) => `${Math.round(bytes / MiB)} MiB`;
    return [
      ...(at.descriptors > base.descriptors + more.descriptors
        ? [`${name}: ${at.descriptors} descriptors, ${base.descriptors} before`]
        : []),
      ...(['held', 'resident'] as const)
        .filter((kind) => at[kind] > base[kind] + more[kind])
        .map((kind) => `${name}: ${inMiB(at[kind])} ${kind} after a collection, ${inMiB(base[kind])} before`),
    ];
  });
