import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Mutant } from './mutants.ts';

/** Function that restores the copy, or the reason why the mutant no longer has a place. */
export type Spoilt = { readonly mend: () => void } | { readonly stale: string };

/** Spoils the copy in each place of the mutant, or in none. */
export const spoil = (dir: string, { spoils }: Mutant): Spoilt => {
  const before = new Map<string, string>();
  const mend = (): void => {
    for (const [path, text] of before) writeFileSync(path, text);
  };
  for (const { file, find, replace } of spoils) {
    const path = join(dir, file);
    const text = readFileSync(path, 'utf8');
    const [head, tail, ...more] = text.split(find);
    if (head === undefined || tail === undefined || more.length > 0) {
      mend();
      return { stale: `${file} has this ${text.split(find).length - 1} times: ${find.trim()}` };
    }
    if (!before.has(path)) before.set(path, text);
    writeFileSync(path, `${head}${replace}${tail}`);
  }
  return { mend };
};

/** Spoils the copy by as many of these as have their places there at the same time. */
export const spoilAll = (
  dir: string,
  mutants: readonly Mutant[],
): { readonly done: readonly Mutant[]; readonly mend: () => void } => {
  const done: Mutant[] = [];
  const mends: (() => void)[] = [];
  for (const mutant of mutants) {
    const spoilt = spoil(dir, mutant);
    if ('stale' in spoilt) continue;
    done.push(mutant);
    mends.push(spoilt.mend);
  }
  return {
    done,
    mend: () => {
      for (const mend of mends.reverse()) mend();
    },
  };
};
