import { readConfig, run } from '@rookery/runtime';
import { recorderSettings, startRecorder } from './app.ts';

await run('recorder', async (resources, log) => {
  const listening = await startRecorder(readConfig(recorderSettings), log, resources);
  log.info(listening, 'health and metrics');
});
