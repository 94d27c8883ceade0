import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exitCodes, runCommandLine, wholeNumber } from '@rookery/command-line';
import { cloneDir } from '@rookery/stack';
import { atMost, type Bound, boundsToText, isHeld } from './bound.ts';
import { type Result, toText } from './result.ts';
import { type GraphSize, manySubgraphs, operationsOn } from './schema/many-subgraphs.ts';

const usage = `npm run bench:schema -- [--subgraphs N] [--types N] [--operations N] [--json]

Measures \`npm run schema -- check\` as a process: on the schema of this repository, and on a generated supergraph in which a used
and an unused field are removed.
Options:
  --subgraphs N   subgraphs of the generated supergraph (50)
  --types N       its types (5000)
  --operations N  recorded operations (500)
  --json          one JSON object on standard output
Exit codes: 0 every goal is held, 1 one is not, 2 wrong arguments, 3 could not measure.`;

const options = {
  subgraphs: { type: 'string', default: '50' },
  types: { type: 'string', default: '5000' },
  operations: { type: 'string', default: '500' },
  json: { type: 'boolean', default: false },
} as const;

const command = join(cloneDir, 'schema/src/cli/main.ts');

interface Timed {
  readonly seconds: number;
  readonly report: { readonly outcome: string; readonly operations: readonly unknown[] };
}

const timedCheck = (cwd: string, args: readonly string[], expected: number): Timed => {
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, 'check', ...args, '--json'], {
    cwd,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, INIT_CWD: cwd },
  });
  const seconds = (performance.now() - start) / 1000;
  if (status !== expected)
    throw new Error(`the check ended with ${status} instead of ${expected}: ${stderr}`);
  return { seconds, report: JSON.parse(stdout) };
};

const git = (cwd: string, ...args: string[]): void => {
  execFileSync('git', ['-c', 'user.name=bench', '-c', 'user.email=bench@example.org', ...args], {
    cwd,
    stdio: 'ignore',
  });
};

const writeSdls = (dir: string, sdls: Readonly<Record<string, string>>): void => {
  for (const [name, sdl] of Object.entries(sdls)) writeFileSync(join(dir, 'sdl', `${name}.graphql`), sdl);
};

/** Checks a generated supergraph in a repository of its own. */
const measureGenerated = (size: GraphSize, operations: number): Timed => {
  const dir = mkdtempSync(join(tmpdir(), 'rookery-schema-bench-'));
  try {
    mkdirSync(join(dir, 'sdl'));
    const sdls = manySubgraphs(size);
    writeSdls(dir, sdls);
    writeFileSync(
      join(dir, 'rookery-schema.json'),
      JSON.stringify({ subgraphs: 'sdl', usage: 'usage.json' }),
    );
    const now = new Date().toISOString();
    const client = { name: 'web', version: '1' };
    const seen = operationsOn(size, operations).map((document) => ({
      document,
      client,
      count: 1,
      lastSeen: now,
    }));
    writeFileSync(
      join(dir, 'usage.json'),
      JSON.stringify({ version: 1, from: now, to: now, operations: seen }),
    );
    git(dir, 'init', '--quiet');
    git(dir, 'add', '.');
    git(dir, 'commit', '--quiet', '-m', 'base');
    const first = sdls.s0 ?? '';
    writeSdls(dir, { s0: first.replace('count(of: String): Int  tags: [String!]', '') });
    return timedCheck(dir, ['--base', 'HEAD'], exitCodes.problem);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
};

const run = (size: GraphSize, operations: number): { parts: Result[]; goals: Bound[] } => {
  const own = timedCheck(cloneDir, ['--base', 'HEAD'], exitCodes.ok);
  const generated = measureGenerated(size, operations);
  const what = `${size.subgraphs} subgraphs, ${size.types} types, ${operations} operations`;
  return {
    parts: [
      {
        name: 'check of this repository',
        figures: { seconds: own.seconds },
        reading: 'with the start of the process',
      },
      {
        name: `check of ${what}`,
        figures: { seconds: generated.seconds, 'operations affected': generated.report.operations.length },
        reading: 'two fields removed, of which one is used',
      },
    ],
    goals: [
      atMost('check of this repository, s', own.seconds, 5),
      atMost('check of the generated supergraph, s', generated.seconds, 15),
    ],
  };
};

process.exitCode = await runCommandLine({
  name: 'bench:schema',
  usage,
  options,
  run({ subgraphs, types, operations, json }) {
    const size = {
      subgraphs: wholeNumber('subgraphs', subgraphs, 1, 500),
      types: wholeNumber('types', types, 1, 50_000),
    };
    const { parts, goals } = run(size, wholeNumber('operations', operations, 1, 10_000));
    if (json) console.log(JSON.stringify({ parts, goals }));
    else {
      for (const part of parts) console.log(toText(part));
      console.log(boundsToText(goals));
    }
    return goals.every(isHeld) ? exitCodes.ok : exitCodes.problem;
  },
});
