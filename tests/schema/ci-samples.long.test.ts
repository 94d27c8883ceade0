import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cloneDir } from '@rookery/stack';
import { afterAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { createScratchSchema } from '../support/scratch-schema.ts';

const origin = createScratchSchema();
const parent = mkdtempSync(join(tmpdir(), 'rookery-ci-'));
afterAll(() => {
  origin[Symbol.dispose]();
  rmSync(parent, { recursive: true, force: true });
});

execFileSync('git', ['branch', '--force', 'trunk'], { cwd: origin.dir });

/** Clones the scratch repository as CI does, with the script of package.json that the samples run. */
const checkOut = (name: string): string => {
  const dir = join(parent, name);
  execFileSync('git', ['clone', '--quiet', origin.dir, dir]);
  symlinkSync(join(cloneDir, 'schema/node_modules'), join(dir, 'schema/node_modules'));
  writeFileSync(
    join(dir, 'package.json'),
    JSON.stringify({ private: true, type: 'module', scripts: { schema: 'node schema/src/cli/main.ts' } }),
  );
  return dir;
};

const readSample = (name: string) => parse(readFileSync(join(cloneDir, 'docs/ci', name), 'utf8'));

/** Runs the commands of a job as a runner does: the first one that fails ends it. */
const runJob = (dir: string, commands: readonly string[], settings: Readonly<Record<string, string>>) => {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|INIT_CWD$|VITEST|NODE_ENV$|REGISTRY_|GITHUB_|CI_)/i.test(name),
  );
  const env = {
    ...Object.fromEntries(inherited),
    PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
    ...settings,
  };
  return spawnSync('bash', ['-e', '-c', commands.join('\n')], { cwd: dir, env, encoding: 'utf8' });
};

const breakClients = (dir: string): void => {
  const path = join(dir, 'schema/graphql/query.graphql');
  const sdl = readFileSync(path, 'utf8');
  expect(sdl).toContain('  bio: String\n');
  writeFileSync(path, sdl.replace('  bio: String\n', ''));
};

interface Step {
  readonly run?: string;
}

test('the sample for GitHub passes without a change, and annotates one that breaks clients', () => {
  const dir = checkOut('github');
  const steps: readonly Step[] = readSample('github.yml').jobs.check.steps;
  const commands = steps.flatMap(({ run }) => run ?? []);
  const settings = { GITHUB_BASE_REF: 'trunk' };
  const same = runJob(dir, commands, settings);
  expect(same.status, same.stderr).toBe(0);
  breakClients(dir);
  const broken = runJob(dir, commands, settings);
  expect(broken.stdout).toMatch(
    /^::error file=schema\/graphql\/query\.graphql,line=\d+,.*Field 'bio' was removed from object type 'User'/m,
  );
  expect(broken.status).toBe(1);
});

test('the sample for GitLab passes without a change, and annotates one that breaks clients', () => {
  const dir = checkOut('gitlab');
  const { script, artifacts } = readSample('gitlab.yml').schema;
  const settings = { CI_MERGE_REQUEST_TARGET_BRANCH_NAME: 'trunk' };
  const report = () => JSON.parse(readFileSync(join(dir, artifacts.reports.codequality), 'utf8'));
  const same = runJob(dir, script, settings);
  expect(same.status, same.stderr).toBe(0);
  expect(report()).toEqual([]);
  breakClients(dir);
  const broken = runJob(dir, script, settings);
  expect(report()).toContainEqual(
    expect.objectContaining({
      description: expect.stringContaining("Field 'bio' was removed from object type 'User'"),
      location: { path: 'schema/graphql/query.graphql', lines: { begin: expect.any(Number) } },
    }),
  );
  expect(broken.status).toBe(1);
});
