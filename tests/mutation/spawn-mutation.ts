import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Child, freePort } from '@rookery/stack';
import { startProgram, useServers } from '../support/index.ts';
import { connected } from '../support/systems/mutation-connected.ts';
import { asker, type Ground } from '../support/systems/start-mutation.ts';

export interface Spawned extends AsyncDisposable, ReturnType<typeof asker> {
  readonly child: Child;
  readonly address: string;
  /** Resolves once the process reaches the queue and its accounts. */
  connected(): Promise<void>;
  log(): string;
}

/** The mutation subgraph as a process of its own, which a test may kill. */
export const spawnMutation = async ({ env, signer }: Pick<Ground, 'env' | 'signer'>): Promise<Spawned> => {
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const logFile = join(useServers().dir, `mutation-${port}.log`);
  const child = await startProgram(
    'mutation',
    { ...env, MUTATION_PORT: String(port), MUTATION_METRICS_PORT: String(await freePort()) },
    logFile,
  );
  return {
    ...asker(address, signer),
    child,
    address,
    connected: () => connected(address),
    log: () => readFileSync(logFile, 'utf8'),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await child.exited;
    },
  };
};
