import { readConfig, run } from '@rookery/service';
import { projectorSettings, startProjector } from './app.ts';

await run('projector', async (resources, log) => {
  const address = await startProjector(readConfig(projectorSettings), log, resources);
  log.info({ address }, 'health and metrics');
});
