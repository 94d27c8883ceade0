import { readConfig, run } from '@rookery/runtime';
import { startRegistry } from './app.ts';
import { optionsFrom, registrySettings } from './options.ts';

await run('registry', async (resources, log) => {
  await startRegistry(optionsFrom(readConfig(registrySettings)), log, resources);
});
