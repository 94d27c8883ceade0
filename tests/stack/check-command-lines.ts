import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { cloneDir } from '@rookery/stack';
import { expect, it, onTestFinished } from 'vitest';

/** Makes a data folder with a file in it that `npm run reset` would remove. */
const makeDataDir = (): string => {
  const dir = mkdtempSync(join(tmpdir(), 'rookery-command-lines-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  writeFileSync(join(dir, 'state.json'), '{}');
  return dir;
};

/** Runs a command of `package.json` in a process of its own, as npm does. */
const runCommand = async (dataDir: string, ...args: string[]) => {
  const child = spawn(process.execPath, ['bootstrap.mjs', ...args], {
    cwd: cloneDir,
    env: { ...process.env, DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  return { out, err, code };
};

/** Tests that these commands print their usage, and do nothing else. */
export const itShowsItsUsage = (commands: readonly string[]): void => {
  it.each(commands)('%s --help prints its usage and does nothing', async (command) => {
    const dir = makeDataDir();
    const { out, code } = await runCommand(dir, command, '--help');
    expect([code, out.length > 20]).toEqual([0, true]);
    expect(existsSync(join(dir, 'state.json'))).toBe(true);
  });
};

/** Tests that these commands print their usage, and that they refuse what they don't know, without doing anything. */
export const itReadsItsOptions = (commands: readonly string[]): void => {
  itShowsItsUsage(commands);

  it.each(commands)('%s refuses an unknown option in one line, with exit code 2', async (command) => {
    const dir = makeDataDir();
    const { err, code } = await runCommand(dir, command, '--frobnicate');
    expect(code).toBe(2);
    expect(err).toContain("Unknown option '--frobnicate'");
    expect(err).not.toMatch(/^\s+at /m);
    expect(existsSync(join(dir, 'state.json'))).toBe(true);
  });
};

/** Tests that these command lines are refused. */
export const itRefuses = (commandLines: readonly (readonly string[])[]): void => {
  it.each(commandLines)('%s %s %s is refused with exit code 2', async (...args) => {
    const { err, code } = await runCommand(makeDataDir(), ...args);
    expect(code).toBe(2);
    expect(err).not.toMatch(/^\s+at /m);
  });
};
