import { readdirSync } from 'node:fs';
import { processNames } from '@rookery/stack';
import { type Memory, readMemory } from '../../world/memory.ts';
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
      // In this order: the inspector has descriptors, too.
      const memory = await readMemory(pid, () => system.log(name));
      return [[name, { ...memory, descriptors: readdirSync(`/proc/${pid}/fd`).length }] as const];
    }),
  );
  return new Map(all.flat());
};

const MiB = 2 ** 20;

/**
 * How much more there may be than at the start. Of a process that was started anew likewise: it does the same.
 * descriptors: pools that have grown to their bound and idle out later.
 * held: code that is compiled by now, and caches (plans, documents, prepared statements) that have filled.
 * resident: pages that the allocators keep besides.
 * What was seen, and so why these: docs/reliability.md.
 */
const more = { descriptors: 40, held: 32 * MiB, resident: 128 * MiB } as const;

/** What has grown beyond its baseline. */
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
