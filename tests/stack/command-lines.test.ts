import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { cloneDir } from '@rookery/stack';
import { expect, it, onTestFinished } from 'vitest';

const scratchDir = (): string => {
  const dir = mkdtempSync(join(tmpdir(), 'rookery-command-lines-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  // A file that npm run reset would remove.
  writeFileSync(join(dir, 'state.json'), '{}');
  return dir;
};

const run = async (dir: string, ...args: string[]) => {
  const child = spawn(process.execPath, ['bootstrap.mjs', ...args], {
    cwd: cloneDir,
    env: { ...process.env, DATA_DIR: dir },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  return { out, err, code };
};

const commands = [
  'start',
  'reset',
  'demo',
  'bench:live',
  'bench:gateway',
  'bench:catch-up',
  'bench:writes',
  'bench:scale',
  'bench:restore',
  'bench:schema',
];

it.each(commands)('%s --help prints its usage and does nothing', async (command) => {
  const dir = scratchDir();
  const { out, code } = await run(dir, command, '--help');
  expect([code, out.length > 20]).toEqual([0, true]);
  expect(existsSync(join(dir, 'state.json'))).toBe(true);
});

it.each(commands)('%s refuses an unknown option in one line, with exit code 2', async (command) => {
  const dir = scratchDir();
  const { err, code } = await run(dir, command, '--frobnicate');
  expect(code).toBe(2);
  expect(err).toContain("Unknown option '--frobnicate'");
  expect(err).not.toMatch(/^\s+at /m);
  expect(existsSync(join(dir, 'state.json'))).toBe(true);
});

it.each([
  ['demo', '--users', 'many'],
  ['demo', '--users', '1'],
  ['bench:live', '--rate', '-1'],
  ['bench:gateway', '--rounds', 'x'],
  ['bench:gateway', '--only', 'nobody'],
  ['bench:writes', '--only', 'nobody'],
  ['bench:writes', '--clients', '0'],
  ['bench:scale', '--only', 'nobody'],
  ['bench:schema', '--types', '0'],
  ['bench:scale', '--people', '1000000'],
  ['bench:scale', '--people', '200,100'],
  ['frobnicate'],
])('%s %s %s is refused with exit code 2', async (...args) => {
  const { err, code } = await run(scratchDir(), ...args);
  expect(code).toBe(2);
  expect(err).not.toMatch(/^\s+at /m);
});
