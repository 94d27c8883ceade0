import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloneDir, freePort } from '@rookery/stack';
import { createClient } from 'graphql-ws';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { certificates, openHttp2, overHttp1, overHttp2 } from '../support/gateway/tls.ts';

/** The gateway's own process, on the committed supergraph, with subgraphs that are not there. */
const start = async (env: NodeJS.ProcessEnv) => {
  const child = spawn(process.execPath, [join(cloneDir, 'gateway/src/main.ts')], {
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...env },
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

/** Environment of a gateway whose subgraphs and Redis are at an unused port. */
const alone = (port: number, nowhere: number): NodeJS.ProcessEnv => ({
  GATEWAY_PORT: String(port),
  GATEWAY_METRICS_PORT: '0',
  MUTATION_URL: `http://127.0.0.1:${nowhere}`,
  QUERY_URL: `http://127.0.0.1:${nowhere}`,
  REDIS_URL: `redis://127.0.0.1:${nowhere}`,
  INTERNAL_KEY_FILE: join(mkdtempSync(join(tmpdir(), 'rookery-gateway-')), 'internal-key.pem'),
});

// Concurrent: each has a process of its own, which waits for subgraphs, certificates and its end.
test.concurrent('starts without its subgraphs and without Redis, is ready all the same, and stops on SIGTERM with 0', async ({
  expect,
}) => {
  const [port, nowhere] = [await freePort(), await freePort()];
  const { child, exited, output } = await start(alone(port, nowhere));
  try {
    const url = `http://127.0.0.1:${port}`;
    const status = (path: string) =>
      fetch(url + path).then(
        (response) => response.status,
        () => 0,
      );
    await expect.poll(() => status('/health/live')).toBe(200);
    expect(await status('/health/ready')).toBe(200);
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

test.concurrent('speaks TLS by its environment alone: HTTP/2 and HTTP/1.1 on one port, with new certificates as they come', async ({
  expect,
}) => {
  using pairs = certificates('first', 'second');
  const [port, nowhere] = [await freePort(), await freePort()];
  const { child, exited, output } = await start({
    ...alone(port, nowhere),
    TLS_CERT_FILE: pairs.certFile,
    TLS_KEY_FILE: pairs.keyFile,
  });
  try {
    const url = `https://127.0.0.1:${port}`;
    const [query, answer] = ['{ __typename }', '{"data":{"__typename":"Query"}}'];
    const subject = () =>
      overHttp1(url, query).then(
        ({ certificate }) => certificate.subject.CN,
        () => undefined,
      );
    await expect.poll(subject).toBe('first');
    expect(await overHttp1(url, query)).toMatchObject({ version: '1.1', text: answer });
    const session = openHttp2(url);
    expect(await overHttp2(session, query)).toBe(answer);
    expect(session.alpnProtocol).toBe('h2');
    pairs.use('second');
    await expect.poll(subject).toBe('second');
    expect(await overHttp2(session, query)).toBe(answer);
    await expect(fetch(url.replace('https', 'http'))).rejects.toThrow();
    child.kill('SIGTERM');
    expect(await exited).toBe(0);
    session.destroy();
    expect(output()).toContain('certificate taken over');
  } finally {
    child.kill('SIGKILL');
  }
});

test.concurrent('does not start with a wrong configuration, and says in a line for each what is wrong', async () => {
  const { exited, output } = await start({ GATEWAY_PORT: 'x', CORS_ORIGINS: 'https://app.example/path' });
  expect(await exited).toBe(78);
  // gateway/src/refused-settings.test.ts has what else it refuses.
  const lines = output().trim().split('\n');
  for (const name of ['GATEWAY_PORT', 'CORS_ORIGINS', 'INTERNAL_KEY_FILE'])
    expect(lines.filter((line) => line.startsWith(`gateway: ${name} `))).toHaveLength(1);
});
