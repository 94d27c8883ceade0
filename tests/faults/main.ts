import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { dataDir } from '@rookery/stack';
import { provideServers } from '../support/servers/servers.ts';
import { startSharedServers } from '../support/servers/shared-servers.ts';
import { readTraces } from './add-up.ts';
import { faultNamed, faults } from './faults/index.ts';
import { type MatrixReport, runMatrix } from './matrix.ts';
import { type Summary, summarize, toMarkdown, toText } from './report.ts';
import { openTrace } from './trace.ts';

const usage = `npm run faults -- [--seed N] [--minutes M] [--fault NAME]… [--long] [--pace F] [--json | --markdown]
  [--list] [--help]
npm run faults -- --add-up TRACE… [--json | --markdown]

Runs the whole system as real processes, breaks it on purpose while clients write and read, heals it, and checks
that no promise was broken (docs/explanation/reliability.md).
  --seed N      decides the order of faults and what clients do; default 1. May be repeated: one matrix for each
  --minutes M   for how long, all faults of a seed together; each runs once at least. Default 0
  --fault NAME  only this one (may be repeated); default all
  --pace F      factor for how long each fault lasts; default 1
  --long        the full matrix for five seeds, unless --seed says which
  --json        the report as one JSON object on standard output
  --markdown    the report as tables
  --add-up      runs nothing: the report of what runs have left in these traces (.rookery/faults/*.jsonl)
  --list        the faults, and the rows of the matrix that they are
Exit codes: 0 passed, 1 an invariant broke, 2 wrong arguments, 3 could not run.`;

const options = {
  seed: { type: 'string', multiple: true },
  minutes: { type: 'string' },
  fault: { type: 'string', multiple: true },
  pace: { type: 'string' },
  long: { type: 'boolean' },
  json: { type: 'boolean' },
  markdown: { type: 'boolean' },
  'add-up': { type: 'boolean' },
  list: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

const longSeeds = ['1', '2', '3', '4', '5'];

const positive = (name: string, text: string, least: number): number => {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < least)
    throw new Error(`--${name} ${text}: no such number`);
  return value;
};

const readArguments = () => {
  const { values, positionals: traces } = parseArgs({ options, allowPositionals: true });
  if (traces.length > 0 !== (values['add-up'] ?? false))
    throw new Error(traces.length > 0 ? `what is ${traces[0]}?` : '--add-up: of which traces?');
  const chosen = (values.fault ?? faults.map(({ name }) => name)).map((name) => {
    const fault = faultNamed(name);
    if (!fault) throw new Error(`there is no fault called ${name}; --list shows them`);
    return fault;
  });
  const seeds = (values.seed ?? (values.long ? longSeeds : ['1'])).map((text) => positive('seed', text, 0));
  return {
    ...values,
    traces,
    chosen,
    seeds,
    minutes: positive('minutes', values.minutes ?? '0', 0),
    pace: positive('pace', values.pace ?? '1', 0.01),
  };
};

const list = (): string => {
  const width = Math.max(...faults.map(({ name }) => name.length));
  return faults.map(({ name, row, expected }) => `${name.padEnd(width)}  ${row}: ${expected}`).join('\n');
};

const show = (
  summary: Summary,
  how: { json?: boolean | undefined; markdown?: boolean | undefined },
): string => {
  if (how.json) return JSON.stringify(summary, null, 2);
  return how.markdown ? toMarkdown(summary) : toText(summary);
};

const main = async (): Promise<number> => {
  let given: Arguments;
  try {
    given = readArguments();
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    return 2;
  }
  if (given.help || given.list) {
    console.log(given.help ? usage : list());
    return 0;
  }
  if (given['add-up']) {
    const summary = summarize(readTraces(given.traces));
    console.log(show(summary, given));
    return summary.passed ? 0 : 1;
  }
  return runFaults(given);
};

type Arguments = ReturnType<typeof readArguments>;

const say = (line: string): void => console.error(line);

const runFaults = async (given: Arguments): Promise<number> => {
  const trace = openTrace(
    join(dataDir(), 'faults'),
    `${new Date().toISOString().replace(/[:.]/g, '-')}-seed-${given.seeds.join('-')}`,
  );
  let reports: readonly MatrixReport[];
  try {
    reports = await runSeeds(given, trace);
  } catch (error) {
    console.error('could not run:', error);
    return 3;
  }
  const summary = summarize(reports);
  console.log(show(summary, given));
  say(`trace: ${trace.file}`);
  if (summary.passed) return 0;
  const names = (given.fault ?? []).map((name) => ` --fault ${name}`).join('');
  const seed = given.seeds.map((one) => ` --seed ${one}`).join('');
  say(`again: npm run faults --${seed} --minutes ${given.minutes} --pace ${given.pace}${names}`);
  return summary.broken.length > 0 ? 1 : 3;
};

/** Runs the matrix for each seed. */
const runSeeds = async (
  { seeds, chosen, minutes, pace }: Arguments,
  trace: ReturnType<typeof openTrace>,
): Promise<readonly MatrixReport[]> => {
  const { servers, stop } = await startSharedServers((line) => say(`servers: ${line}`));
  try {
    provideServers(servers);
    const reports: MatrixReport[] = [];
    for (const seed of seeds)
      reports.push(await runMatrix({ seed, faults: chosen, seconds: minutes * 60, pace, trace, say }));
    return reports;
  } finally {
    await stop();
  }
};

process.exit(await main());
