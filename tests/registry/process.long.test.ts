import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gatewaySettings, optionsFrom } from '@rookery/gateway';
import { readConfig } from '@rookery/runtime';
import { cloneDir, freePort } from '@rookery/stack';
import { expect, onTestFinished, test } from 'vitest';
import { startGateway } from '../support/gateway/gateway.ts';
import { notesSdl, peopleSdl } from '../support/gateway/network.ts';
import { freshDatabase } from '../support/index.ts';

const run = promisify(execFile);

test('the process starts from its settings, and a gateway outlives its death and serves the next launch', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'rookery-registry-process-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  await using database = await freshDatabase();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const keysFile = join(dir, 'keys.jwks');
  const env = {
    ...process.env,
    LOG_LEVEL: 'error',
    REGISTRY_PORT: String(port),
    REGISTRY_METRICS_PORT: '0',
    POSTGRES_URL: database.url,
    NATS_URL: 'nats://127.0.0.1:1',
    REGISTRY_KEY_FILE: join(dir, 'key.pem'),
    SUPERGRAPH_KEYS_FILE: keysFile,
  };
  let child: ChildProcess | undefined;
  const kill = async () => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  onTestFinished(kill);
  const start = async () => {
    child = spawn(process.execPath, ['schema/registry/src/main.ts'], { cwd: cloneDir, env, stdio: 'ignore' });
    await expect
      .poll(() =>
        fetch(`${url}/health/ready`).then(
          ({ ok }) => ok,
          () => false,
        ),
      )
      .toBe(true);
  };
  await start();

  const cli = (...args: string[]) =>
    run(process.execPath, ['schema/registry/src/cli.ts', 'token', ...args], { cwd: cloneDir, env });
  const created = await cli('create', '--name', 'all', '--scopes', 'publish,read,report', '--days', '1');
  const token = created.stdout.trim();
  const ask = async (path: string, body?: object) => {
    const response = await fetch(`${url}${path}`, {
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
      headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
    });
    return { status: response.status, body: (await response.json()) as { version: number } };
  };
  const publish = async (people: string) => {
    const subgraphs = Object.entries({ people, notes: notesSdl }).map(([name, sdl]) => ({
      name,
      sdl,
      address: `http://${name}.example/graphql`,
    }));
    const { body } = await ask('/v1/publish', { subgraphs, author: 'ada' });
    await ask('/v1/environments/production/promote', { version: body.version, author: 'ada' });
  };
  await publish(peopleSdl);

  const { supergraph, registry } = optionsFrom(
    readConfig(gatewaySettings, {
      INTERNAL_KEY_FILE: '-',
      REDIS_URL: 'redis://127.0.0.1:1',
      REGISTRY_URL: url,
      REGISTRY_TOKEN: token,
      SUPERGRAPH_KEYS_FILE: keysFile,
      SUPERGRAPH_POLL: '100',
    }),
  );
  await using gateway = await startGateway({ supergraph: () => supergraph, options: { registry } });
  const hasLimit = async () => (await gateway.ask('{ me { noteLimit } }')).errors === undefined;
  expect(await hasLimit()).toBe(true);
  await kill();
  await expect
    .poll(() => gateway.metric('rookery_gateway_supergraphs_total', { outcome: 'unreachable' }))
    .toBeGreaterThan(0);
  expect(await hasLimit()).toBe(true);
  await start();
  await publish(peopleSdl.replace(' noteLimit: Int', ''));
  await expect.poll(hasLimit).toBe(false);

  const [listed = ''] = (await cli('list')).stdout.split('\n');
  await cli('revoke', (JSON.parse(listed) as { id: string }).id);
  await expect.poll(async () => (await ask('/v1/versions')).status).toBe(401);
});
