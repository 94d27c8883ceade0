import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type ChildOptions, spawnChild } from './guarded-child.ts';
import { lastWords } from './last-words.ts';

/**
 * Runs a program until it ends. Like every child it cannot outlive this process.
 * @throws with the last error line of the program
 */
export async function runTool(
  command: string,
  args: readonly string[],
  options: Pick<ChildOptions, 'cwd' | 'env' | 'user' | 'logFile'> = {},
): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'rookery-tool-'));
  const logFile = options.logFile ?? join(dir, 'output');
  const name = basename(command);
  try {
    const child = await spawnChild({ name, command, args, ...options, logFile });
    const { code, signal } = await child.exited;
    if (code !== 0) throw new Error(`${name} failed (${signal ?? `code ${code}`})${lastWords(logFile)}`);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
