import { lowerPriority, readConfig, run } from '@rookery/runtime';
import { recorderSettings, startRecorder } from './app.ts';

await run('recorder', async (resources, log) => {
  const config = readConfig(recorderSettings);
  // Nothing waits for it.
  void lowerPriority(config, log);
  const listening = await startRecorder(config, log, resources);
  log.info(listening, 'health and metrics');
});
