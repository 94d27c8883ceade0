import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { cloneDir, freePort } from '@rookery/stack';
import { createClient } from 'graphql-ws';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { secret } from './world/gateway.ts';

/** The gateway's own process, on the committed supergraph, with subgraphs that are not there. */
const start = async (env: NodeJS.ProcessEnv) => {
  const child = spawn(process.execPath, [join(cloneDir, 'gateway/src/main.ts')], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  child.stderr.on('data', (text) => {
    output += text;
  });
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  return { child, exited, output: () => output };
};

test('starts without its subgraphs and without Redis, says that it is not ready, and stops on SIGTERM with 0', async () => {
  const [port, nowhere] = [await freePort(), await freePort()];
  const { child, exited, output } = await start({
    GATEWAY_PORT: String(port),
    GATEWAY_METRICS_PORT: '0',
    MUTATION_URL: `http://127.0.0.1:${nowhere}`,
    QUERY_URL: `http://127.0.0.1:${nowhere}`,
    REDIS_URL: `redis://127.0.0.1:${nowhere}`,
    INTERNAL_SECRET: secret,
  });
  try {
    const url = `http://127.0.0.1:${port}`;
    const status = (path: string) =>
      fetch(url + path).then(
        (response) => response.status,
        () => 0,
      );
    await expect.poll(() => status('/health/live'), { timeout: 20_000 }).toBe(200);
    expect(await status('/health/ready')).toBe(503);
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"{ me { id } }"}',
    });
    const answer = await response.json();
    expect(answer).toMatchObject({
      data: { me: null },
      errors: [{ extensions: { code: 'SERVICE_UNAVAILABLE' } }],
    });
    expect(JSON.stringify(answer)).not.toContain(String(nowhere));

    const socket = createClient({
      url: `${url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      lazy: false,
      onNonLazyError: () => {},
      retryAttempts: 0,
    });
    const closed = new Promise<{ code: number }>((resolve) =>
      socket.on('closed', (event) => resolve(event as never)),
    );
    await new Promise((resolve) => socket.on('connected', resolve));
    child.kill('SIGTERM');
    expect((await closed).code).toBe(1001);
    expect(await exited).toBe(0);
    for (const line of output().trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('msg');
  } finally {
    child.kill('SIGKILL');
  }
});

test('does not start with a wrong configuration, and says in a line for each what is wrong', async () => {
  const { exited, output } = await start({ GATEWAY_PORT: 'x', CORS_ORIGINS: 'https://app.example/path' });
  expect(await exited).toBe(78);
  const lines = output().trim().split('\n');
  for (const name of ['GATEWAY_PORT', 'CORS_ORIGINS', 'INTERNAL_SECRET'])
    expect(lines.filter((line) => line.startsWith(`gateway: ${name} `))).toHaveLength(1);
});
