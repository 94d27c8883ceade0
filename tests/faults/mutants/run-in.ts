import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { spawnChild } from '@rookery/stack';

/** Runs a program of Node's in a copy, to its end. Answers its exit code and all that it said. */
export const runIn = async (
  dir: string,
  name: string,
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly said: string }> => {
  const logFile = join(dir, 'said.log');
  rmSync(logFile, { force: true });
  const child = await spawnChild({
    name,
    command: process.execPath,
    args,
    cwd: dir,
    env: {
      ...process.env,
      ...{ ROOKERY_LIFELINE: '', NODE_COMPILE_CACHE: join(dir, '.compiled') },
      // A mutant is not to survive because a property was tried too seldom.
      PROPERTY_RUNS: 'all',
    },
    logFile,
  });
  const { code } = await child.exited;
  return { code, said: readFileSync(logFile, 'utf8') };
};
