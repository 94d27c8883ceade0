import { readConfig, run } from '@rookery/runtime';
import { mutationSettings, startMutation } from './app.ts';

await run('mutation', async (resources, log) => {
  const listening = await startMutation(readConfig(mutationSettings), log, resources);
  log.info(listening, 'listening');
});
