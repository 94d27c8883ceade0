import { readConfig, run } from '@rookery/runtime';
import { startGateway } from './app.ts';
import { gatewaySettings, optionsFrom } from './options.ts';

await run('gateway', async (resources, log) => {
  await startGateway(optionsFrom(readConfig(gatewaySettings)), log, resources);
});
