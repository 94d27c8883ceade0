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
  let sound: boolean | undefined;
  const check = async (some: readonly Mutant[]): Promise<void> => {
    for (let open = some; open.length > 0; ) {
      const { done, mend } = spoilAll(dir, open);
      const said = await complaints(dir);
      mend();
      open = done.length === 0 ? [] : open.filter((one) => !done.includes(one));
      const [only] = done;
      if (said === '') continue;
      if (sound === undefined) {
        sound = (await complaints(dir)) === '';
        if (!sound) throw new Error(`the unspoilt copy does not compile:\n${said}`);
      }
      if (done.length === 1 && only) {
        wrong.set(only, said);
        continue;
      }
      const blamed = done.filter(({ spoils }) => spoils.some(({ file }) => said.includes(file)));
      for (const one of blamed.length > 0 ? blamed : done) await check([one]);
    }
  };
  await check(mutants);
  return wrong;
};
