import type { TestProject } from 'vitest/node';
import type { Servers } from './servers/servers.ts';
import { startSharedServers } from './servers/shared-servers.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    servers: Servers;
  }
}

/** Once for a whole run of vitest; each worker hears of it in its setup file. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { servers, stop } = await startSharedServers((line) => console.log(`servers: ${line}`));
  project.provide('servers', servers);
  return stop;
}
