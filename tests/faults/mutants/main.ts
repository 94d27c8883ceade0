import { parseArgs } from 'node:util';
import { cloneDir } from '@rookery/stack';
import { makeScratch } from '../../support/scratch.ts';
import { nameOf, runCatcher, unsound } from './catchers.ts';
import { uncompilable } from './compiles.ts';
import { type Mutant, mutants } from './mutants.ts';
import { spoil } from './spoil.ts';

const usage = `npm run faults:mutants -- [--only TEXT]… [--part K/N] [--committed] [--lanes N] [--json] [--list] [--help]

Spoils a copy of the tree in one place after the other, and shows that the tests or the fault harness notice. Each
mutant must compile, and each catcher must pass on the unspoilt copy first, without the other tests of its file.
Progress, and about how long the rest takes, goes to standard error.
  --only TEXT  mutants whose name contains this (may be repeated)
  --part K/N   of these the Kth of N parts, so that all can be tried in several runs
  --committed  copy what was last committed instead of the work tree
  --lanes N    how many are tried at the same time, each in a copy of its own; default 2
  --json       the outcome as one JSON object on standard output
  --list       the mutants, and what must catch each
Exit codes: 0 all caught, 1 one was not, 2 wrong arguments, 3 could not run.`;

const options = {
  only: { type: 'string', multiple: true },
  part: { type: 'string' },
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

/** Every Nth one, from the Kth on: the slow ones stand beside each other, and so come into different parts. */
const partOf = (all: readonly Mutant[], part: string): Mutant[] => {
  const [, k, n] = /^(\d+)\/(\d+)$/.exec(part)?.map(Number) ?? [];
  if (k === undefined || n === undefined || k < 1 || k > n) throw new Error(`--part ${part}: no such part`);
  return all.filter((_, i) => i % n === k - 1);
};

const readArguments = () => {
  const { values } = parseArgs({ options });
  const named = mutants.filter(({ name }) => values.only?.some((text) => name.includes(text)) ?? true);
  const chosen = values.part === undefined ? named : partOf(named, values.part);
  if (chosen.length === 0) throw new Error('no mutant has that in its name, or is in that part');
  const lanes = Number(values.lanes ?? 2);
  if (!Number.isInteger(lanes) || lanes < 1) throw new Error(`--lanes ${values.lanes}: no such number`);
  return { ...values, chosen, lanes };
};

const inMinutes = (ms: number): string => `${(ms / 60_000).toFixed(1)} min`;

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
  let tryingSince = began;
  const tell = (result: Result): void => {
    results.push(result);
    const { mutant, by, outcome, seconds, why } = result;
    const each = (performance.now() - tryingSince) / results.length;
    const left = `${results.length} of ${chosen.length}, ${inMinutes(each * (chosen.length - results.length))} left`;
    const end = why === undefined ? '' : `\n${why}`;
    console.error(`[${left}] ${outcome} after ${seconds} s: ${mutant} (${by})${end}`);
  };
  // All copies at once: what is changed in the clone meanwhile must not make them different.
  using copies = new DisposableStack();
  const lane = () => copies.use(makeScratch(cloneDir, given.committed ? 'HEAD' : undefined));
  const first = lane();
  const more = Array.from({ length: Math.min(given.lanes, chosen.length) - 1 }, lane);
  console.error(`compiling ${chosen.length} mutants`);
  const wrong = await uncompilable(first.dir, chosen);
  console.error(
    `running their catchers without them, ${inMinutes(performance.now() - began)} after the start`,
  );
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
  tryingSince = performance.now();
  console.error(`trying each mutant, ${inMinutes(tryingSince - began)} after the start`);
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
