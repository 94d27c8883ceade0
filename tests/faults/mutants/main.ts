import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cloneDir, spawnChild } from '@rookery/stack';
import { type Catcher, type Mutant, mutants } from './mutants.ts';
import { makeScratch } from './scratch.ts';

const usage = `npm run faults:mutants -- [--only TEXT]… [--committed] [--json] [--list] [--help]

Spoils a copy of the tree in one place after the other, and shows that the tests or the fault harness notice.
  --only TEXT  mutants whose name contains this (may be repeated)
  --committed  copy what was last committed instead of the work tree
  --json       the outcome as one JSON object on standard output
  --list       the mutants, and what must catch each
Exit codes: 0 all caught, 1 one survived or is stale, 2 wrong arguments, 3 could not run.`;

const options = {
  only: { type: 'string', multiple: true },
  committed: { type: 'boolean' },
  json: { type: 'boolean' },
  list: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

type Outcome = 'caught' | 'survived' | 'stale';

const nameOf = (catcher: Catcher): string =>
  'fault' in catcher ? `fault ${catcher.fault}` : `tests ${catcher.tests}`;

const command = (catcher: Catcher): string[] =>
  'fault' in catcher
    ? ['tests/faults/main.ts', '--fault', catcher.fault, '--pace', '0.4', '--seed', '1']
    : ['tests/run.ts', catcher.tests, '--bail=1', ...(catcher.named ? ['-t', catcher.named] : [])];

/** The exit code of the catcher, run in the copy; what it said is kept for whoever wants to know. */
const runCatcher = async (dir: string, catcher: Catcher): Promise<{ code: number | null; said: string }> => {
  const logFile = join(dir, 'catcher.log');
  rmSync(logFile, { force: true });
  const child = await spawnChild({
    name: nameOf(catcher),
    command: process.execPath,
    args: command(catcher),
    cwd: dir,
    env: { ...process.env, ROOKERY_LIFELINE: '', NODE_COMPILE_CACHE: '' },
    logFile,
  });
  const { code } = await child.exited;
  return { code, said: readFileSync(logFile, 'utf8') };
};

/** Spoils the copy. Returns what mends it, or what is stale. */
const spoil = (dir: string, { spoils }: Mutant): { mend: () => void } | { stale: string } => {
  const before = new Map<string, string>();
  const mend = () => {
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

const main = async (): Promise<number> => {
  let given: ReturnType<typeof parseArgs<{ options: typeof options }>>['values'];
  try {
    given = parseArgs({ options }).values;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    return 2;
  }
  const { only } = given;
  const chosen = mutants.filter(({ name }) => only?.some((text) => name.includes(text)) ?? true);
  if (given.help || given.list) {
    console.log(given.help ? usage : chosen.map((m) => `${m.name}: ${nameOf(m.caughtBy)}`).join('\n'));
    return 0;
  }
  if (chosen.length === 0) {
    console.error(`no mutant has that in its name\n\n${usage}`);
    return 2;
  }
  using scratch = makeScratch(cloneDir, given.committed ? 'commit' : 'tree');
  const outcomes: { mutant: string; by: string; outcome: Outcome; seconds: number; why?: string }[] = [];
  const sound = new Set<string>();
  // Tests first: they take seconds.
  for (const mutant of chosen.toSorted(
    (a, b) => Number('fault' in a.caughtBy) - Number('fault' in b.caughtBy),
  )) {
    const by = nameOf(mutant.caughtBy);
    if (!sound.has(by)) {
      // What fails without a mutant catches nothing.
      const { code, said } = await runCatcher(scratch.dir, mutant.caughtBy);
      if (code !== 0) {
        console.error(
          `${by} fails on the unspoilt copy, with ${code}:\n${said.split('\n').slice(-40).join('\n')}`,
        );
        outcomes.push({ mutant: mutant.name, by, outcome: 'survived', seconds: 0, why: 'fails unspoilt' });
        continue;
      }
      sound.add(by);
    }
    const start = performance.now();
    const seconds = () => Math.round((performance.now() - start) / 1_000);
    const spoilt = spoil(scratch.dir, mutant);
    if ('stale' in spoilt) {
      outcomes.push({ mutant: mutant.name, by, outcome: 'stale', seconds: 0, why: spoilt.stale });
    } else {
      const { code } = await runCatcher(scratch.dir, mutant.caughtBy);
      spoilt.mend();
      outcomes.push({
        mutant: mutant.name,
        by,
        // Only a broken promise or a failed test has noticed; what could not run has not.
        outcome: code === 1 ? 'caught' : 'survived',
        seconds: seconds(),
        ...(code === 0 || code === 1 ? {} : { why: `the catcher ended with ${code}` }),
      });
    }
    const last = outcomes.at(-1);
    console.error(`${last?.outcome} after ${last?.seconds} s: ${mutant.name} (${by}) ${last?.why ?? ''}`);
  }
  const caught = outcomes.filter(({ outcome }) => outcome === 'caught').length;
  if (given.json) console.log(JSON.stringify({ caught, of: outcomes.length, outcomes }, null, 2));
  else console.log(`${caught} of ${outcomes.length} mutants caught`);
  return caught === outcomes.length ? 0 : 1;
};

process.exit(await main());
