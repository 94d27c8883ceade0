import { parseArgs } from 'node:util';
import { cloneDir } from '@rookery/stack';
import { nameOf, runCatcher, unsound } from './catchers.ts';
import { uncompilable } from './compiles.ts';
import { type Mutant, mutants } from './mutants.ts';
import { makeScratch } from './scratch.ts';
import { spoil } from './spoil.ts';

const usage = `npm run faults:mutants -- [--only TEXT]… [--committed] [--lanes N] [--json] [--list] [--help]

Spoils a copy of the tree in one place after the other, and shows that the tests or the fault harness notice. Each
mutant must compile, and each catcher must pass on the unspoilt copy first.
  --only TEXT  mutants whose name contains this (may be repeated)
  --committed  copy what was last committed instead of the work tree
  --lanes N    how many are tried at the same time, each in a copy of its own; default 2
  --json       the outcome as one JSON object on standard output
  --list       the mutants, and what must catch each
Exit codes: 0 all caught, 1 one was not, 2 wrong arguments, 3 could not run.`;

const options = {
  only: { type: 'string', multiple: true },
  committed: { type: 'boolean' },
  lanes: { type: 'string' },
  json: { type: 'boolean' },
  list: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

/**
 * stale: its place is no longer what it was made for. unsound: it does not compile, or its catcher does not pass
 * without it or did not run with it, so that nothing is shown.
 */
type Outcome = 'caught' | 'survived' | 'stale' | 'unsound';

interface Result {
  readonly mutant: string;
  readonly by: string;
  readonly outcome: Outcome;
  readonly seconds: number;
  readonly why?: string;
}

const readArguments = () => {
  const { values } = parseArgs({ options });
  const chosen = mutants.filter(({ name }) => values.only?.some((text) => name.includes(text)) ?? true);
  if (chosen.length === 0) throw new Error('no mutant has that in its name');
  const lanes = Number(values.lanes ?? 2);
  if (!Number.isInteger(lanes) || lanes < 1) throw new Error(`--lanes ${values.lanes}: no such number`);
  return { ...values, chosen, lanes };
};

const tryOne = async (dir: string, mutant: Mutant): Promise<Omit<Result, 'mutant' | 'by' | 'seconds'>> => {
  const spoilt = spoil(dir, mutant);
  if ('stale' in spoilt) return { outcome: 'stale', why: spoilt.stale };
  try {
    const { outcome, said } = await runCatcher(dir, mutant.caughtBy);
    if (outcome === 'noticed') return { outcome: 'caught' };
    return outcome === 'sound' ? { outcome: 'survived' } : { outcome: 'unsound', why: said };
  } finally {
    spoilt.mend();
  }
};

const main = async (): Promise<number> => {
  let given: ReturnType<typeof readArguments>;
  try {
    given = readArguments();
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    return 2;
  }
  const { chosen } = given;
  if (given.help || given.list) {
    const lines = chosen.map(({ name, caughtBy }) => `${name}\n  ${nameOf(caughtBy)}`);
    console.log(given.help ? usage : lines.join('\n'));
    return 0;
  }
  const began = performance.now();
  const results: Result[] = [];
  const tell = (result: Result): void => {
    results.push(result);
    const { mutant, by, outcome, seconds, why } = result;
    console.error(`${outcome} after ${seconds} s: ${mutant} (${by})${why === undefined ? '' : `\n${why}`}`);
  };
  const lane = () => makeScratch(cloneDir, given.committed ? 'commit' : 'tree');
  using first = lane();
  const wrong = await uncompilable(first.dir, chosen);
  const failing = await unsound(
    first.dir,
    chosen.map(({ caughtBy }) => caughtBy),
  );
  // Faults first: they take longest.
  const open = chosen.toSorted((a, b) => Number('fault' in b.caughtBy) - Number('fault' in a.caughtBy));
  const work = async (dir: string): Promise<void> => {
    for (let mutant = open.shift(); mutant; mutant = open.shift()) {
      const about = { mutant: mutant.name, by: nameOf(mutant.caughtBy) };
      const said = wrong.get(mutant) ?? failing.get(about.by);
      const start = performance.now();
      const result =
        said === undefined ? await tryOne(dir, mutant) : { outcome: 'unsound' as const, why: said };
      tell({ ...about, ...result, seconds: Math.round((performance.now() - start) / 1_000) });
    }
  };
  using others = new DisposableStack();
  const more = Array.from({ length: Math.min(given.lanes, chosen.length) - 1 }, () => others.use(lane()));
  await Promise.all([first, ...more].map(({ dir }) => work(dir)));

  const caught = results.filter(({ outcome }) => outcome === 'caught').length;
  const seconds = Math.round((performance.now() - began) / 1_000);
  if (given.json) console.log(JSON.stringify({ caught, of: results.length, seconds, results }, null, 2));
  else console.log(`${caught} of ${results.length} mutants caught in ${seconds} s`);
  return caught === results.length ? 0 : 1;
};

process.exit(
  await main().catch((error: unknown) => {
    console.error('could not run:', error);
    return 3;
  }),
);
