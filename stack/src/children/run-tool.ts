import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type ChildOptions, spawnChild } from './guarded-child.ts';
import { lastWords } from './last-words.ts';

/**
 * Runs a program to its end. Like every child it does not outlive this process.
 * @throws with the program's last complaint, in one line
 */
export async function runTool(
  command: string,
  args: readonly string[],
  options: Pick<ChildOptions, 'cwd' | 'env' | 'user'> = {},
): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'rookery-tool-'));
  const logFile = join(dir, 'output');
  const name = basename(command);
  try {
    const child = await spawnChild({ name, command, args, logFile, ...options });
    const { code, signal } = await child.exited;
    if (code !== 0) throw new Error(`${name} failed (${signal ?? `code ${code}`})${lastWords(logFile)}`);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
