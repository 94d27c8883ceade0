import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeDataDir, runCommand } from './run-command.ts';

/** Tests that these commands print their usage, and that they refuse what they don't know, without doing anything. */
export const itReadsItsOptions = (commands: readonly string[]): void => {
  it.each(commands)('%s --help prints its usage and does nothing', async (command) => {
    const dir = makeDataDir();
    const { out, code } = await runCommand(dir, command, '--help');
    expect([code, out.length > 20]).toEqual([0, true]);
    expect(existsSync(join(dir, 'state.json'))).toBe(true);
  });

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
