import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '@rookery/service';
import { cloneDir, freePort, postgresDataDir, processNames } from '@rookery/stack';
import { openQueue } from '@rookery/stores/queue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampleEvent } from '../stores/sample-events.ts';
import { StackRun, until } from './run-stack.ts';

const bootstrap = [process.execPath, join(cloneDir, 'bootstrap.mjs')];
const servers = ['postgres', 'nats', 'redis'];

/** Publishes so many events and waits until they are recorded. */
const publishMany = async (url: string, count: number): Promise<void> => {
  const log = createLog('test', 'silent');
  const queue = openQueue({ url, replicas: 1, maxBytes: 1_000_000_000, ackTimeout: 5_000, log });
  try {
    await until('the queue answers', () =>
      queue.ping().then(
        () => true,
        () => false,
      ),
    );
    for (let sent = 0; sent < count; sent += 500)
      await Promise.all(Array.from({ length: 500 }, () => queue.publish(sampleEvent())));
    await until('everything is recorded', async () => (await queue.backlog('recorder')).events === 0, 60_000);
  } finally {
    await queue.close();
  }
};

/** One story on one data folder: each step starts on what the step before left behind. */
describe('npm start', () => {
  let dir: string;
  let port: number;
  const env = () => ({ DATA_DIR: dir, GATEWAY_PORT: String(port) });
  const start = (command = [...bootstrap, 'start']) => new StackRun(command, env(), true);
  const ready = (run: StackRun) => run.says(/ s\S* {2}ready\n/);
  const ask = async (query: string, token = '') => {
    const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query }),
    });
    return (await response.json()) as { data?: Record<string, unknown>; errors?: unknown };
  };
  const tokenOf = (run: StackRun) => /Your token:\n(\S+)\n/.exec(run.stdout)?.[1] ?? '';

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'rookery-start-'));
    chmodSync(dir, 0o755);
    port = await freePort();
  });
  afterAll(() => {
    rmSync(postgresDataDir(join(dir, 'postgres')), { recursive: true, force: true });
    rmSync(dir, { recursive: true, force: true });
  });

  it('makes everything on the first run, shows what to paste, and SIGTERM leaves nothing behind', {
    timeout: 120_000,
  }, async () => {
    const run = start(['npm', 'start']);
    await ready(run);
    await run.says(/Ctrl-C stops everything/);
    // A process for each part, its watcher, and the two of the command itself.
    expect(run.processes().length).toBeGreaterThanOrEqual(processNames.length + servers.length + 2);
    // Whatever is left running shows, and is ended where a step fails.
    const seen = run.processes();
    for (const name of [...processNames, ...servers]) expect(seen, name).toContain(run.pidOf(name));
    expect(await ask('{ me { handle } }', tokenOf(run))).toMatchObject({
      data: { me: { handle: expect.any(String) } },
    });

    const commands = run.stdout.split('\n').filter((line) => line.startsWith('curl '));
    expect(commands).toHaveLength(2);
    for (const command of commands) {
      const pasted = new StackRun(['/bin/sh', '-c', command], env());
      expect(await pasted.ended()).toBe(0);
      expect(JSON.parse(pasted.stdout)).not.toHaveProperty('errors');
    }
    expect(run.stdout).toMatch(new RegExp(`http://127.0.0.1:${port}/graphiql\\?query=subscription`));

    const before = performance.now();
    run.kill('SIGTERM');
    await run.ended(10_000);
    expect(run.stdout).toMatch(/ s\S* {2}stopping\n/);
    expect(performance.now() - before).toBeLessThan(10_000);
    for (const secret of ['state.json', 'demo.json', 'token-key.pem']) {
      expect(readFileSync(join(dir, secret), 'utf8'), secret).not.toBe('');
    }
  });

  it('finds its data again, starts what dies again, refuses a second run, and SIGKILL leaves nothing behind', {
    timeout: 90_000,
  }, async () => {
    const run = start();
    await ready(run);
    const posts = await ask(
      '{ me { handle feed(first: 5) { edges { node { post { body } } } } } }',
      tokenOf(run),
    );
    expect(JSON.stringify(posts)).toContain('Hello from the shell');

    for (const name of ['recorder', 'redis']) {
      const pid = run.pidOf(name);
      process.kill(pid, 'SIGKILL');
      await run.says(new RegExp(`${name} was ended by SIGKILL; starting it again in`));
      await until(`${name} runs again`, () => run.pidOf(name) !== pid);
    }
    await until(
      'the gateway is ready again',
      async () => (await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => undefined))?.ok,
    );

    const second = new StackRun([...bootstrap, 'start'], env());
    expect(await second.ended()).toBe(1);
    expect(second.stderr.trim()).toMatch(/^rookery: already runs on .*$/);
    const reset = new StackRun([...bootstrap, 'reset'], env());
    expect(await reset.ended()).toBe(1);
    expect(reset.stderr.trim()).toMatch(/^rookery: runs on .* stop it first$/);
    expect(existsSync(join(dir, 'state.json'))).toBe(true);

    process.kill(Number.parseInt(readFileSync(join(dir, 'lock'), 'utf8'), 10), 'SIGKILL');
    await run.ended(10_000);
  });

  it('serves with a backlog and shows how it is worked off', { timeout: 240_000 }, async () => {
    const run = start();
    await ready(run);
    const token = tokenOf(run);
    process.kill(run.pidOf('projector'), 'SIGSTOP');
    const { NATS_URL: url } = JSON.parse(readFileSync(join(dir, 'env.json'), 'utf8')) as { NATS_URL: string };
    await publishMany(url, 12_000);
    run.kill('SIGKILL');
    await run.ended(10_000);

    const again = start();
    await ready(again);
    await again.says(/catching up: [\d,]+ events left; reads are stale until then/);
    expect(await ask('{ me { handle } }', token)).toMatchObject({
      data: { me: { handle: expect.any(String) } },
    });
    await again.says(/catching up: [\d,]+ events left, [\d,]+\/s, about \d+ (s|min) to go/);
    await again.says(/caught up/, 180_000);
    again.kill('SIGTERM');
    await again.ended(10_000);
  });

  it('starts after a SIGKILL at once, and does not outlive a killed npm', { timeout: 90_000 }, async () => {
    const run = start(['npm', 'start']);
    await ready(run);
    run.kill('SIGKILL');
    await run.ended(10_000);
  });

  it('starts after that too, and does not outlive a killed bootstrap.mjs', { timeout: 90_000 }, async () => {
    const run = start();
    await ready(run);
    run.kill('SIGKILL');
    await run.ended(10_000);
  });

  it('says in one line that the port is taken, and leaves nothing running', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await until('the other program listens', () => other.listening);
    const taken = (other.address() as AddressInfo).port;
    const run = new StackRun([...bootstrap, 'start'], { ...env(), GATEWAY_PORT: String(taken) });
    expect(await run.ended()).toBe(1);
    expect(`${run.stdout}${run.stderr}`.trim()).toBe(
      `rookery: port ${taken} is taken: set GATEWAY_PORT to a free one`,
    );
    other.close();
  });

  it('clears its data on npm run reset', async () => {
    const run = new StackRun([...bootstrap, 'reset'], env());
    expect(await run.ended()).toBe(0);
    expect(existsSync(join(dir, 'state.json'))).toBe(false);
    expect(existsSync(postgresDataDir(join(dir, 'postgres')))).toBe(false);
  });
});
