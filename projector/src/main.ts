import { readConfig, run } from '@rookery/runtime';
import { projectorSettings, startProjector } from './app.ts';

await run('projector', async (resources, log) => {
  const listening = await startProjector(readConfig(projectorSettings), log, resources);
  log.info(listening, 'health and metrics');
});
