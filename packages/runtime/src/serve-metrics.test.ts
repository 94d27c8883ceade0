import { expect, test } from 'vitest';
import { createMetrics } from './metrics.ts';
import { serveMetrics } from './serve-metrics.ts';

test('serves metrics and nothing else, until the very end', async () => {
  const resources = new AsyncDisposableStack();
  const url = await serveMetrics(createMetrics('test'), { host: '127.0.0.1', port: 0 }, resources);
  let atTheEnd: number | undefined;
  resources.defer(async () => {
    atTheEnd = (await fetch(`${url}/metrics`)).status;
  });
  const response = await fetch(`${url}/metrics`);
  expect(response.headers.get('content-type')).toContain('text/plain');
  expect(await response.text()).toMatch(/^nodejs_eventloop_lag_seconds\{process="test"\}/m);
  expect((await fetch(`${url}/`)).status).toBe(404);
  expect((await fetch(`${url}/metrics`, { method: 'POST' })).status).toBe(405);
  await resources.disposeAsync();
  expect(atTheEnd).toBe(200);
  await expect(fetch(`${url}/metrics`)).rejects.toThrow();
});

test('reports that the port is taken', async () => {
  await using resources = new AsyncDisposableStack();
  const registry = createMetrics('test');
  const url = await serveMetrics(registry, { host: '127.0.0.1', port: 0 }, resources);
  const address = { host: '127.0.0.1', port: Number(new URL(url).port) };
  await expect(serveMetrics(registry, address, resources)).rejects.toThrow(/EADDRINUSE/);
});
