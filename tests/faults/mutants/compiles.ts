import { join } from 'node:path';
import { cloneDir } from '@rookery/stack';
import type { Mutant } from './mutants.ts';
import { runIn } from './run-in.ts';
import { spoilAll } from './spoil.ts';

/** A mutant may leave unused code behind. */
const args = ['--noEmit', '-p', '.', '--noUnusedLocals', 'false', '--noUnusedParameters', 'false'];

/** Returns the errors of the compiler; undefined if there are none. */
const complaints = async (dir: string): Promise<string> => {
  const { code, said } = await runIn(dir, 'tsc', [
    join(cloneDir, 'node_modules/typescript/bin/tsc'),
    ...args,
  ]);
  return code === 0 ? '' : said;
};

/**
 * Returns which mutants do not compile, with the errors: these would be caught because of a typing mistake.
 * Applies all mutants at once, as far as their places allow, and one by one only if there are errors.
 * @throws if the copy does not compile without mutants
 */
export const uncompilable = async (
  dir: string,
  mutants: readonly Mutant[],
): Promise<ReadonlyMap<Mutant, string>> => {
  const wrong = new Map<Mutant, string>();
  let isSound = false;
  /** Checks these mutants together. Returns the suspects, and the mutants that did not fit. */
  const checkTogether = async (some: readonly Mutant[]): Promise<Checked> => {
    const { done, mend } = spoilAll(dir, some);
    const said = await complaints(dir);
    mend();
    const open = done.length === 0 ? [] : some.filter((one) => !done.includes(one));
    if (said === '') return { suspects: [], open };
    if (!isSound) {
      isSound = (await complaints(dir)) === '';
      if (!isSound) throw new Error(`the unspoilt copy does not compile:\n${said}`);
    }
    const [only] = done;
    if (done.length === 1 && only) {
      wrong.set(only, said);
      return { suspects: [], open };
    }
    const blamed = done.filter(({ spoils }) => spoils.some(({ file }) => said.includes(file)));
    return { suspects: blamed.length > 0 ? blamed : done, open };
  };
  let open = mutants;
  while (open.length > 0) {
    const checked = await checkTogether(open);
    for (const suspect of checked.suspects) await checkTogether([suspect]);
    open = checked.open;
  }
  return wrong;
};

interface Checked {
  /** Mutants of which one does not compile. */
  readonly suspects: readonly Mutant[];
  /** Mutants that were not applied, because their places overlap with others. */
  readonly open: readonly Mutant[];
}
