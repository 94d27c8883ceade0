import { Agent, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { createLog, type Readiness } from '@rookery/runtime';
import { expect, test } from 'vitest';
import { startStopwatch } from '../../../tests/support/stopwatch.ts';
import { createHttp } from './http.ts';

const start = async (ready: Readiness = {}, lingerMs?: number) => {
  const app = createHttp({
    log: createLog('test', 'silent'),
    ready,
    ...(lingerMs === undefined ? {} : { lingerMs }),
  });
  const arrived = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<string>();
  app.get('/slow', () => {
    arrived.resolve();
    return answer.promise;
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return { app, url, arrived: arrived.promise, answer: answer.resolve };
};

test('ready names every part, and no reason', async () => {
  const { app, url } = await start({
    own: {
      one: async () => {},
      two: async () => {
        throw new Error('refused by 10.0.0.1');
      },
    },
  });
  const response = await fetch(`${url}/health/ready`);
  expect(response.status).toBe(503);
  expect(await response.json()).toEqual({ status: 'not ready', parts: { one: 'ok', two: 'unavailable' } });
  expect((await fetch(`${url}/health/live`)).status).toBe(200);
  expect((await fetch(`${url}/metrics`)).status).toBe(404);
  await app.close();
});

test('a shared server that was there at the start does not decide any more', async () => {
  let [isQueueUp, isHanging] = [false, false];
  let asked = 0;
  const { app, url } = await start({
    own: { itself: async () => {} },
    atStart: {
      queue: async () => {
        asked++;
        if (isHanging) return Promise.withResolvers<never>().promise;
        if (!isQueueUp) throw new Error('away');
      },
    },
    shown: {
      accounts: async () => {
        throw new Error('away');
      },
    },
  });
  const ask = async () => {
    const response = await fetch(`${url}/health/ready`);
    const { parts } = (await response.json()) as { parts: object };
    return [response.status, parts];
  };
  expect(await ask()).toEqual([503, { itself: 'ok', queue: 'unavailable', accounts: 'unavailable' }]);
  isQueueUp = true;
  expect(await ask()).toEqual([200, { itself: 'ok', queue: 'ok', accounts: 'unavailable' }]);
  isQueueUp = false;
  expect(await ask()).toEqual([200, { itself: 'ok', queue: 'unavailable', accounts: 'unavailable' }]);
  // A server that hangs delays no probe, and probes do not pile up there.
  isHanging = true;
  const before = asked;
  const elapsedMs = startStopwatch();
  for (const [status] of await Promise.all([ask(), ask(), ask()])) expect(status).toBe(200);
  expect(elapsedMs()).toBeLessThan(1_000);
  expect(asked - before).toBe(1);
  await app.close();
});

test('a close answers what is under way and does not wait for a next request on its connection', async () => {
  const { app, url, arrived, answer } = await start();
  const response = fetch(`${url}/slow`);
  await arrived;
  const closed = app.close();
  answer('done');
  expect(await (await response).text()).toBe('done');
  const took = startStopwatch();
  await closed;
  expect(took()).toBeLessThan(2_000);
});

test('a close answers what still comes over open connections, and tells that they close', async () => {
  const { app, url } = await start();
  const agent = new Agent({ keepAlive: true });
  const get = (path: string) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const sent = request(`${url}${path}`, { agent }, (response) => {
        response.resume();
        response.once('end', () => resolve(response));
      });
      sent.once('error', reject).end();
    });
  expect((await get('/health/live')).headers.connection).toBe('keep-alive');
  const closed = app.close();
  const last = await get('/health/live');
  expect([last.statusCode, last.headers.connection]).toEqual([200, 'close']);
  await closed;
  agent.destroy();
});

test('a close waits for connections that nobody uses, but not longer than it was told to', async () => {
  const { app, url } = await start({}, 300);
  const agent = new Agent({ keepAlive: true });
  await new Promise<void>((resolve) => {
    request(`${url}/health/live`, { agent }, (response) => response.resume().once('end', resolve)).end();
  });
  const began = performance.now();
  await app.close();
  expect(performance.now() - began).toBeGreaterThan(290);
  agent.destroy();
});

test('a server that closes is not ready', async () => {
  const { app, url, arrived, answer } = await start({}, 60_000);
  const running = fetch(`${url}/slow`);
  await arrived;
  const closed = app.close();
  const response = await fetch(`${url}/health/ready`);
  expect([response.status, await response.json()]).toEqual([503, { status: 'stopping' }]);
  answer('done');
  expect((await running).status).toBe(200);
  await closed;
});

test('a close does not wait forever for a request that never ends', async () => {
  const { app, url } = await start();
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => {});
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  const sent = Promise.withResolvers<void>();
  socket.write('POST /slow HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n', () => sent.resolve());
  await sent.promise;
  // Another request, answered, says that the first has come in.
  await new Promise((resolve) => request(`${url}/health/live`, resolve).end());
  const took = startStopwatch();
  await app.close();
  expect(took()).toBeLessThan(7_000);
});
