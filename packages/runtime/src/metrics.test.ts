import { expect, test } from 'vitest';
import { createMetrics } from './metrics.ts';

test('Node is measured once for all registries of a process', async () => {
  const [first, second] = [createMetrics('first'), createMetrics('second')];
  const lag = 'nodejs_eventloop_lag_seconds';
  expect(second.getSingleMetric(lag)).toBeDefined();
  expect(second.getSingleMetric(lag)).toBe(first.getSingleMetric(lag));
  expect(await first.metrics()).toContain(`${lag}{process="first"} `);
  expect(await second.metrics()).toContain(`${lag}{process="second"} `);
});
