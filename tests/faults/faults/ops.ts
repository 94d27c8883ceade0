import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Child, cloneDir, spawnChild } from '@rookery/stack';
import type { Arena } from '../arena.ts';

/** Starts an operator's command against this system, past all proxies. */
export const startOps = async ({ system }: Arena, args: readonly string[], logFile: string): Promise<Child> =>
  spawnChild({
    name: `ops ${args[0]}`,
    command: process.execPath,
    args: [join(cloneDir, 'ops/src/main.ts'), ...args],
    env: { ...process.env, ...system.env, LOG_LEVEL: 'warn' },
    cwd: cloneDir,
    logFile,
  });

let runs = 0;
export const opsLogFile = ({ system }: Arena): string => `${system.tokenKeyFile}.ops-${++runs}.log`;

/** Runs one to its end. Answers its exit code, and all that it said. */
export const ops = async (
  arena: Arena,
  ...args: string[]
): Promise<{ readonly code: number | null; readonly said: string }> => {
  const logFile = opsLogFile(arena);
  const child = await startOps(arena, args, logFile);
  const { code } = await child.exited;
  return { code, said: readFileSync(logFile, 'utf8') };
};

/** Returns why a fault is skipped if this build lacks a command. */
export const lacks = (command: string) => async (): Promise<string | undefined> =>
  existsSync(join(cloneDir, `ops/src/commands/${command}.ts`))
    ? undefined
    : `there is no ops ${command} in this build`;
