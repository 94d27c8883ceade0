import { expect, test } from 'vitest';
import { type HealthOptions, serveHealth } from './health.ts';
import { createLog } from './log.ts';

const anywhere = { host: '127.0.0.1', port: 0 };
const serve = (ready: HealthOptions['ready'], resources: AsyncDisposableStack) =>
  serveHealth({ log: createLog('test', 'silent'), ready }, anywhere, resources);

test('serves the state of each part, without the reasons, and nothing else', async () => {
  await using resources = new AsyncDisposableStack();
  let isUp = false;
  const check = async () => {
    if (!isUp) throw new Error('refused by 10.0.0.1');
  };
  const url = await serve({ own: { store: check } }, resources);
  const ready = async () => {
    const response = await fetch(`${url}/health/ready?from=probe`);
    return [response.status, await response.json()];
  };
  expect(await ready()).toEqual([503, { status: 'not ready', parts: { store: 'unavailable' } }]);
  isUp = true;
  expect(await ready()).toEqual([200, { status: 'ready', parts: { store: 'ok' } }]);
  const live = await fetch(`${url}/health/live`);
  expect(live.headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect([live.status, await live.json()]).toEqual([200, { status: 'ok' }]);
  expect((await fetch(`${url}/health/live`, { method: 'HEAD' })).status).toBe(200);
  expect((await fetch(`${url}/health/live`, { method: 'POST', body: 'x' })).status).toBe(405);
  expect((await fetch(`${url}/metrics`)).status).toBe(404);
});

test('answers a running probe before it closes', async () => {
  const resources = new AsyncDisposableStack();
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  const check = () => {
    asked.resolve();
    return answer.promise;
  };
  const url = await serve({ own: { store: check } }, resources);
  const response = fetch(`${url}/health/ready`);
  await asked.promise;
  const closed = resources.disposeAsync();
  answer.resolve();
  expect((await response).status).toBe(200);
  await closed;
  await expect(fetch(`${url}/health/live`)).rejects.toThrow();
});
