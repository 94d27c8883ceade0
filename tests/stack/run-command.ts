import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { cloneDir } from '@rookery/stack';
import { onTestFinished } from 'vitest';

/** Makes a data folder with a file in it that `npm run reset` would remove. */
export const makeDataDir = (): string => {
  const dir = mkdtempSync(join(tmpdir(), 'rookery-command-lines-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  writeFileSync(join(dir, 'state.json'), '{}');
  return dir;
};

/** Runs a command of `package.json` in a process of its own, as npm does. */
export const runCommand = async (dataDir: string, ...args: string[]) => {
  const child = spawn(process.execPath, ['bootstrap.mjs', ...args], {
    cwd: cloneDir,
    env: { ...process.env, DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  return { out, err, code };
};
