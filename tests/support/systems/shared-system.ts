import { forAllFiles } from '../live-resources.ts';
import { type System, startSystem } from './start-system.ts';

/** A system that other test files use too, before and after: nothing of it can be stopped. */
export type SharedSystem = Pick<
  System,
  | 'gatewayUrl'
  | 'graphqlUrl'
  | 'webSocketUrl'
  | 'urls'
  | 'metricsUrls'
  | 'documentsUrl'
  | 'tokenKeyFile'
  | 'internalKeyFile'
  | 'signUp'
>;

/** Systems of this worker by their environment; its files share the state of modules. */
const systems = new Map<string, Promise<System>>();

/**
 * Returns the system of this worker with this environment, which the first file that asks for it starts. It is for tests that
 * act through the API on accounts and posts of their own, and that change nothing that others can see: no kills, no limits,
 * no state of the servers. It saves 5 s of processor time for each file that would start one. Its processes end with the worker.
 */
export const sharedSystem = (env: Readonly<Record<string, string>> = {}): Promise<SharedSystem> => {
  const key = JSON.stringify(env);
  const system = systems.get(key) ?? forAllFiles(() => startSystem({ env }));
  systems.set(key, system);
  // The next file tries again.
  system.catch(() => systems.delete(key));
  return system;
};
