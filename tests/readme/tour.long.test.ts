import { expect, test } from 'vitest';
import { checkTour } from '../support/check-tour.ts';
import { sharedSystem } from '../support/index.ts';
import { loadDemo } from '../support/load-demo.ts';
import { delayProjector } from '../support/systems/late-projector.ts';

// A whole demo network, and a process for each of hundreds of requests. Reads lag behind writes, so that a command of the pages that
// does not wait for the one before it prints something else.
test('the commands of README and tutorial print what the pages say, with no helpers but those of the tutorial, however late the projector is', {
  timeout: 900_000,
}, async () => {
  const system = await sharedSystem();
  await loadDemo(system);
  await using link = await delayProjector(system, 500);
  await checkTour(system.gatewayUrl, { ...process.env, ...system.env }, 'own');
  expect(link.counts.harmed).toBeGreaterThan(100);
});
