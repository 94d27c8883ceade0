import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { cloneDir, spawnChild } from '@rookery/stack';
import type { Answered } from './ops.ts';

/**
 * Runs one command line as an operator does, in a separate process, with --json, so that its cost does not
 * affect concurrent measurements. Its progress goes to standard error.
 */
export const opsProcess = async (
  env: NodeJS.ProcessEnv,
  ...argv: string[]
): Promise<Omit<Answered, 'err'>> => {
  const child = await spawnChild({
    name: `ops ${argv[0]}`,
    command: process.execPath,
    args: [join(cloneDir, 'ops/src/main.ts'), ...argv, '--json'],
    env: { ...process.env, ...env, LOG_LEVEL: 'warn' },
    cwd: cloneDir,
    talks: true,
  });
  const [{ code }, said] = await Promise.all([child.exited, child.stdout ? text(child.stdout) : '']);
  return { code: code ?? 3, json: said === '' ? undefined : JSON.parse(said) };
};
