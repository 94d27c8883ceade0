import { join } from 'node:path';
import { type Child, type ProgramName, spawnProcess } from '@rookery/stack';
import { useServers } from '../servers/servers.ts';

/** Starts one process without waiting for it: from the bundle of this run if there is one, and from its source otherwise. */
export const startProgram = (name: ProgramName, env: NodeJS.ProcessEnv, logFile: string): Promise<Child> => {
  const { bundles } = useServers();
  if (bundles === undefined) return spawnProcess(name, env, logFile);
  const compiled = { NODE_COMPILE_CACHE: join(bundles, 'compiled') };
  return spawnProcess(name, { ...compiled, ...env }, logFile, join(bundles, `${name}.mjs`));
};
