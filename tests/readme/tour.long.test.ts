import { test } from 'vitest';
import { checkTour } from '../support/check-tour.ts';
import { sharedSystem } from '../support/index.ts';
import { loadDemo } from '../support/load-demo.ts';

// A whole demo network, and a process for each of hundreds of requests.
test('the commands of README and tutorial print what the pages say, with no helpers but those of the tutorial', {
  timeout: 400_000,
}, async () => {
  const system = await sharedSystem();
  await loadDemo(system);
  await checkTour(system.gatewayUrl, { ...process.env, ...system.env }, 'own');
});
