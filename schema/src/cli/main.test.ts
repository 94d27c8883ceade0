import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { ownRoot } from '../compose/subgraph-files.ts';

/** The command as a package that depends on this one finds it. */
const bin = join(ownRoot, 'tests/node_modules/.bin/rookery-schema');
const path = `${dirname(process.execPath)}:${process.env.PATH}`;

test('rookery-schema is a command of its own, whose exit code and streams are those of the process', () => {
  const run = (...args: string[]) =>
    spawnSync(bin, args, { encoding: 'utf8', env: { ...process.env, PATH: path } });
  expect(run('--help')).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('  publish '),
    stderr: '',
  });
  expect(run('nonsense')).toMatchObject({
    status: 2,
    stdout: '',
    stderr: expect.stringContaining('unknown command nonsense'),
  });
});
