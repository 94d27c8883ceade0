import { join } from 'node:path';
import { cloneDir } from '@rookery/stack';
import type { Mutant } from './mutants.ts';
import { runIn } from './run-in.ts';
import { spoilAll } from './spoil.ts';

/** What is spoilt may leave something over that nobody uses any more. */
const args = ['--noEmit', '-p', '.', '--noUnusedLocals', 'false', '--noUnusedParameters', 'false'];

/** What the compiler says of the copy; nothing where it has no complaint. */
const complaints = async (dir: string): Promise<string> => {
  const { code, said } = await runIn(dir, 'tsc', [
    join(cloneDir, 'node_modules/typescript/bin/tsc'),
    ...args,
  ]);
  return code === 0 ? '' : said;
};

/**
 * Which of these do not compile, and what the compiler says: those would be caught for a slip of whoever made them.
 * All are put in at once, as far as they have their places at the same time; only where something is wrong, one by one.
 * @throws where the copy does not compile without any
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
