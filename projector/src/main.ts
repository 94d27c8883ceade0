import { lowerPriority, readConfig, run } from '@rookery/runtime';
import { projectorSettings, startProjector } from './app.ts';

await run('projector', async (resources, log) => {
  const config = readConfig(projectorSettings);
  // Nothing waits for it. Tests that start a projector in their own process keep their priority.
  void lowerPriority(config, log);
  const listening = await startProjector(config, log, resources);
  log.info(listening, 'health and metrics');
});
