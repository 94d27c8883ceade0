import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { spawnChild } from './guarded-child.ts';
import { watchHealth } from './watch-health.ts';

it('stops a child if one of its health checks keeps failing, and no other', async () => {
  let status = 503;
  let asked = 0;
  const server = createServer((request, response) => {
    if (request.url === '/well') return response.writeHead(200).end();
    asked++;
    // Two failures are not yet three, and a single success resets the count.
    return response.writeHead(asked === 3 ? 200 : status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const urls = [`${address}/well`, `${address}/healthz`];
  const child = await spawnChild({ name: 'sleeper', command: 'sleep', args: ['60'] });
  // A slow answer of a busy machine is not a failure here.
  const options = { urls, intervalMs: 5, timeoutMs: 10_000, maxFailures: 3 };
  try {
    await watchHealth(child, options);
    expect(await child.exited).toMatchObject({ signal: 'SIGKILL' });
    expect(asked).toBe(6);

    status = 200;
    const well = await spawnChild({ name: 'sleeper', command: 'sleep', args: ['60'] });
    const watching = watchHealth(well, options);
    const before = asked;
    while (asked < before + 10) await new Promise((resolve) => setImmediate(resolve));
    expect(well.hasExited).toBe(false);
    await well.stop('SIGKILL');
    await watching;
  } finally {
    await child.stop('SIGKILL');
    server.closeAllConnections();
    server.close();
  }
});
