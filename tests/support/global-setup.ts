import type { TestProject } from 'vitest/node';
import type { Servers } from './servers/servers.ts';
import { startSharedServers } from './servers/shared-servers.ts';
import { bundlePrograms } from './systems/bundle-programs.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    servers: Servers;
  }
}

/** Once for a whole run of vitest; each worker hears of it in its setup file. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { servers, stop } = await startSharedServers((line) => console.log(`servers: ${line}`));
  try {
    // The long tier starts the sources, as production does, and so does a developer who wants their lines in stack traces.
    const isBundled = project.name === 'servers' && process.env.START_SOURCES === undefined;
    const bundles = isBundled ? await bundlePrograms(servers.dir) : undefined;
    project.provide('servers', { ...servers, bundles });
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}
