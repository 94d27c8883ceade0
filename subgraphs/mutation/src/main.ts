import { readConfig, run } from '@rookery/service';
import { mutationSettings, startMutation } from './app.ts';

await run('mutation', async (resources, log) => {
  const address = await startMutation(readConfig(mutationSettings), log, resources);
  log.info({ address }, 'listening');
});
