import { readConfig, run } from '@rookery/runtime';
import { querySettings, startQuery } from './app.ts';

await run('query', async (resources, log) => {
  const listening = await startQuery(readConfig(querySettings), log, resources);
  log.info(listening, 'listening');
});
