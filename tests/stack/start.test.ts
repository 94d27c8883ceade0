import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloneDir, freePort, postgresDataDir, processNames } from '@rookery/stack';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StackRun, until } from './run-stack.ts';

const bootstrap = [process.execPath, join(cloneDir, 'bootstrap.mjs')];
const servers = ['postgres', 'nats', 'redis'];

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
    timeout: 240_000,
  }, async () => {
    const run = start(['npm', 'start']);
    await ready(run);
    await run.says(/Ctrl-C stops everything/);
    // A process for each part, its watcher, and the two of the command itself.
    expect(run.processes().length).toBeGreaterThanOrEqual(processNames.length + servers.length + 2);
    // Whatever is left running shows, and is ended where a step fails.
    const seen = run.processes();
    for (const name of [...processNames, ...servers]) expect(seen, name).toContain(run.pidOf(name));
    // Without the demo there is no token, and standard error says why.
    expect(tokenOf(run), run.stderr).not.toBe('');
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
    await run.ended();
    expect(run.stdout).toMatch(/ s\S* {2}stopping\n/);
    expect(performance.now() - before).toBeLessThan(10_000);
    for (const secret of ['state.json', 'demo.json', 'token-key.pem']) {
      expect(readFileSync(join(dir, secret), 'utf8'), secret).not.toBe('');
    }
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
