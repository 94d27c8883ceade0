import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { postgresDataDir, processNames } from '@rookery/stack';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkTour } from '../support/check-tour.ts';
import { until } from '../support/eventually.ts';
import { StackRun, shellEnv } from './run-stack.ts';
import { bootstrap, ready, type StartFolder, startFolder, tokenOf } from './start-folder.ts';

const servers = ['postgres', 'nats', 'redis'];

/** One story on one data folder: each step starts on what the step before left behind. */
describe('npm start', () => {
  let folder: StartFolder;
  let run: StackRun;
  beforeAll(async () => {
    folder = await startFolder();
  });
  afterAll(() => folder[Symbol.dispose]());

  it('makes everything on the first run, and shows what to paste', {
    timeout: 240_000,
  }, async () => {
    run = folder.start(['npm', 'start']);
    await ready(run);
    await run.says(/Ctrl-C stops everything/);
    // A process for each part, its watcher, and the two of the command itself.
    expect(run.processes().length).toBeGreaterThanOrEqual(processNames.length + servers.length + 2);
    // Leftover processes are reported, and killed if a step fails.
    const seen = run.processes();
    for (const name of [...processNames, ...servers]) expect(seen, name).toContain(run.pidOf(name));
    // Without the demo there is no token, and standard error says why.
    expect(tokenOf(run), run.stderr).not.toBe('');
    expect(await folder.ask('{ me { handle } }', tokenOf(run))).toMatchObject({
      data: { me: { handle: expect.any(String) } },
    });

    // The registry comes after everything else, which does not wait for it.
    await run.says(/registry is ready/);
    const [, registry = ''] = /Registry +(http\S+)/.exec(run.stdout) ?? [];
    expect(await (await fetch(registry)).text()).toContain('Token with the scope');

    const commands = run.stdout.split('\n').filter((line) => line.startsWith('curl '));
    expect(commands).toHaveLength(2);
    for (const command of commands) {
      const pasted = new StackRun(['/bin/sh', '-c', command], folder.env);
      expect(await pasted.ended()).toBe(0);
      expect(JSON.parse(pasted.stdout)).not.toHaveProperty('errors');
    }
    expect(run.stdout).toMatch(new RegExp(`${folder.gatewayUrl}/graphiql\\?query=subscription`));
  });

  it('prints for the commands of README and tutorial what the pages say', { timeout: 240_000 }, () =>
    checkTour(folder.gatewayUrl, { ...shellEnv(), ...folder.env }, 'quick'),
  );

  it('leaves nothing behind on SIGTERM', async () => {
    run.kill('SIGTERM');
    await run.ended();
    expect(run.stdout).toMatch(/ s\S* {2}stopping\n/);
    for (const secret of ['state.json', 'demo.json', 'token-key.pem']) {
      expect(readFileSync(join(folder.dir, secret), 'utf8'), secret).not.toBe('');
    }
  });

  it('says in one line that the port is taken, and leaves nothing running', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await until('the other program listens', () => other.listening);
    const taken = (other.address() as AddressInfo).port;
    const run = new StackRun([...bootstrap, 'start'], { ...folder.env, GATEWAY_PORT: String(taken) });
    expect(await run.ended()).toBe(1);
    expect(`${run.stdout}${run.stderr}`.trim()).toBe(
      `rookery: port ${taken} is taken: set GATEWAY_PORT to a free one`,
    );
    other.close();
  });

  it('clears its data on npm run reset', async () => {
    const run = new StackRun([...bootstrap, 'reset'], folder.env);
    expect(await run.ended()).toBe(0);
    expect(existsSync(join(folder.dir, 'state.json'))).toBe(false);
    expect(existsSync(postgresDataDir(join(folder.dir, 'postgres')))).toBe(false);
  });
});
