import { request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { until } from '../support/eventually.ts';
import { startGateway } from '../support/gateway/gateway.ts';
import { openSocket, subscribe } from '../support/gateway/raw-socket.ts';
import { startStopwatch } from '../support/stopwatch.ts';

describe('a graceful stop', () => {
  test('closes sockets with 1001, answers what is under way, takes no more', async () => {
    const own = await startGateway();
    const sockets = await Promise.all(Array.from({ length: 5 }, () => openSocket(own)));
    for (const { acknowledged, send } of sockets) {
      await acknowledged();
      send(subscribe('1', 'subscription { silent { text } }'));
    }
    await until('listening', () => own.network.silent.listeners === 1);
    const underWay = own.ask('{ notes { author { name } } }');
    await until('asked', () => own.network.notes.asked.length === 2);
    const stopped = own.stop();
    for (const { closed } of sockets) expect((await closed).code).toBe(1001);
    expect((await underWay).data).toHaveProperty('notes');
    await stopped;
    expect(own.network.silent.listeners).toBe(0);
    await expect(fetch(`${own.url}/health/live`)).rejects.toThrow();
    await own[Symbol.asyncDispose]();
  });

  test('says that it is not ready before it stops listening, and spreads what it closes', async () => {
    const own = await startGateway({ limits: { drainSpreadMs: 2_000, initTimeoutMs: 30_000 } });
    const sockets: Awaited<ReturnType<typeof openSocket>>[] = [];
    // A few at a time, as a busy machine has them open in time.
    for (let n = 0; n < 8; n++) {
      const some = await Promise.all(Array.from({ length: 25 }, () => openSocket(own)));
      await Promise.all(some.map(({ acknowledged }) => acknowledged()));
      sockets.push(...some);
    }
    expect((await fetch(`${own.url}/health/ready`)).status).toBe(200);
    const closedAt: number[] = [];
    const reasons = new Set<string>();
    const all = sockets.map(async ({ closed }) => {
      const { code, reason } = await closed;
      expect(code).toBe(1001);
      reasons.add(reason);
      closedAt.push(performance.now());
    });
    const took = startStopwatch();
    const stopped = own.stop();
    const refused = openSocket(own).catch((error: Error) => error.message);
    expect((await fetch(`${own.url}/health/ready`)).status).toBe(503);
    expect(await refused).toContain('503');
    for (const accept of ['text/event-stream', 'multipart/mixed;subscriptionSpec=1.0, application/json']) {
      const response = await fetch(`${own.url}/graphql`, {
        method: 'POST',
        headers: { accept, 'content-type': 'application/json' },
        body: JSON.stringify({ query: 'subscription { written { text } }' }),
      });
      const { status, headers } = response;
      expect([status, headers.get('retry-after'), headers.get('content-type')]).toEqual([
        ...[503, '1', 'text/plain; charset=utf-8'],
      ]);
      expect(await response.text()).toBe('The gateway stops. Connect again.\n');
    }
    await Promise.all(all);
    await stopped;
    expect(took()).toBeLessThan(10_000);
    expect(Math.max(...closedAt) - Math.min(...closedAt)).toBeGreaterThan(100);
    // Each with a hint of its own when to come back.
    expect(reasons.size).toBeGreaterThan(100);
    await own[Symbol.asyncDispose]();
  });

  test('is bounded, whatever a client does', async () => {
    const own = await startGateway();
    const { acknowledged, socket } = await openSocket(own);
    await acknowledged();
    socket.pause(); // never reads, so never answers the close
    const half = request(`${own.url}/graphql`, { method: 'POST', headers: { 'content-length': '100' } });
    half.on('error', () => {});
    half.flushHeaders();
    const took = startStopwatch();
    await own.stop();
    expect(took()).toBeLessThan(6_000);
    socket.terminate();
    half.destroy();
    await own[Symbol.asyncDispose]();
  });
});
