import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloneDir, freePort, onPath } from '@rookery/stack';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeScratch } from '../support/scratch.ts';
import { StackRun } from './run-stack.ts';
import { bootstrap } from './start-folder.ts';

/** Each start fails before a server is started, and says by name what to change. */
describe('npm start', () => {
  let dir: string;
  let port: string;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'rookery-unhappy-'));
    port = String(await freePort());
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  const start = async (env: Record<string, string>, command = bootstrap) => {
    const run = new StackRun([...command, 'start'], {
      DATA_DIR: join(dir, 'data'),
      GATEWAY_PORT: port,
      ...env,
    });
    const code = await run.ended(120_000);
    return { code, lines: run.stderr.trim().split('\n'), stdout: run.stdout };
  };

  it.each([
    ['LOG_LEVEL', { LOG_LEVEL: 'loud' }, /^rookery: LOG_LEVEL is wrong: /],
    ['a port that is none', { GATEWAY_PORT: 'x' }, /^rookery: GATEWAY_PORT is wrong: /],
    [
      'an address that is none',
      { REDIS_URL: 'http://127.0.0.1' },
      /^rookery: REDIS_URL is wrong: .*redis:\/\//,
    ],
    [
      'an origin with a path',
      { CORS_ORIGINS: 'https://app.example/x' },
      /^rookery: CORS_ORIGINS is wrong: .*app\.example\/x/,
    ],
    [
      'a short secret',
      { CURSOR_SECRET: 'short' },
      /^rookery: CURSOR_SECRET is wrong: at least 32 characters each, or file:\/\/\/path$/,
    ],
  ])('refuses %s', async (_, env, line) => {
    const { code, lines, stdout } = await start(env);
    expect({ code, lines, stdout }).toEqual({ code: 1, lines: [expect.stringMatching(line)], stdout: '' });
  });

  describe('without a network', () => {
    // Nothing listens on port 1.
    const unreachable = 'http://127.0.0.1:1';

    it('names the registry if the packages are not installed', async () => {
      const clone = join(dir, 'clone');
      mkdirSync(clone);
      for (const file of ['bootstrap.mjs', 'package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml'])
        cpSync(join(cloneDir, file), join(clone, file));
      const { code, lines } = await start(
        {
          npm_config_registry: unreachable,
          npm_config_cache: join(dir, 'npm'),
          npm_config_fetch_retries: '0',
        },
        [process.execPath, join(clone, 'bootstrap.mjs')],
      );
      expect({ code, last: lines.at(-1) }).toEqual({
        code: 1,
        last: "rookery: could not bring the packages: the package registry can't be reached (ECONNREFUSED): connect to the network and try again",
      });
    });

    // A machine with both servers needs no download.
    const installed = onPath('nats-server') !== undefined && onPath('redis-server') !== undefined;
    it.skipIf(installed || onPath('apt-get') === undefined)(
      'names the servers if they are not installed',
      async () => {
        using scratch = makeScratch(cloneDir);
        rmSync(join(scratch.dir, '.rookery/servers'));
        const stamp = 'node_modules/.rookery-stamp';
        cpSync(join(cloneDir, stamp), join(scratch.dir, stamp));
        const apt = join(dir, 'apt.conf');
        writeFileSync(
          apt,
          `Acquire::http::Proxy "${unreachable}"; Acquire::https::Proxy "${unreachable}";\n`,
        );
        const { code, lines } = await start({ APT_CONFIG: apt }, [
          process.execPath,
          join(scratch.dir, 'bootstrap.mjs'),
        ]);
        expect({ code, last: lines.at(-1) }).toEqual({
          code: 1,
          last: expect.stringMatching(
            /^rookery: nats-server, redis-server, redis-tools can't be downloaded \(apt-get failed .*127\.0\.0\.1:1.*\): connect to the network, install them, or name running servers by NATS_URL and REDIS_URL$/,
          ),
        });
      },
    );
  });

  it('tells all wrong settings at once', async () => {
    const { code, lines } = await start({ LOG_LEVEL: 'loud', FEED_CAP: '-1', TOKEN_TTL: 'x' });
    expect(code).toBe(1);
    expect(lines.map((line) => line.split(' is wrong')[0]).sort()).toEqual([
      'rookery: FEED_CAP',
      'rookery: LOG_LEVEL',
      'rookery: TOKEN_TTL',
    ]);
  });

  it('tells all ports that are taken', async () => {
    const [one, two] = [createServer().listen(0, '127.0.0.1'), createServer().listen(0, '127.0.0.1')];
    await Promise.all([once(one, 'listening'), once(two, 'listening')]);
    const [first, second] = [one, two].map((server) => String((server.address() as { port: number }).port));
    const { code, lines } = await start({ GATEWAY_PORT: first ?? '', QUERY_PORT: second ?? '' });
    expect(code).toBe(1);
    expect(lines.sort()).toEqual(
      [
        `rookery: port ${first} is taken: set GATEWAY_PORT to a free one`,
        `rookery: port ${second} is taken: set QUERY_PORT to a free one`,
      ].sort(),
    );
    one.close();
    two.close();
  });

  it('names a DATA_DIR that cannot be written', async () => {
    const file = join(dir, 'a-file');
    writeFileSync(file, '');
    const { code, lines } = await start({ DATA_DIR: join(file, 'data') });
    expect(code).toBe(1);
    expect(lines).toEqual([expect.stringMatching(/^rookery: DATA_DIR can't be written: .* \(ENOTDIR\)$/)]);
  });

  it('ends for a DATA_DIR in which no folder can be created', async () => {
    const { code, lines } = await start({ DATA_DIR: '/proc/rookery/data' });
    expect(code).toBe(1);
    expect(lines).toEqual([expect.stringMatching(/^rookery: DATA_DIR can't be written: .*$/)]);
  });

  it('names settings that its own servers cannot satisfy', async () => {
    const { code, lines } = await start({ SUPERGRAPH: join(dir, 'nowhere.graphql'), QUEUE_REPLICAS: '3' });
    expect(code).toBe(1);
    expect(lines).toEqual([
      `rookery: SUPERGRAPH: there is no file ${join(dir, 'nowhere.graphql')}`,
      'rookery: QUEUE_REPLICAS is 3, but npm start runs a single NATS server: set NATS_URL to a cluster',
    ]);
  });

  it('names every given server that is not there', async () => {
    const [postgres, nats] = [await freePort(), await freePort()];
    const { code, lines, stdout } = await start({
      POSTGRES_URL: `postgres://rookery:very-secret@127.0.0.1:${postgres}/rookery`,
      NATS_URL: `nats://127.0.0.1:${nats}`,
    });
    expect({ code, lines, stdout }).toEqual({
      code: 1,
      lines: [
        `rookery: POSTGRES_URL can't be reached: 127.0.0.1:${postgres} refuses connections`,
        `rookery: NATS_URL can't be reached: 127.0.0.1:${nats} refuses connections`,
      ],
      stdout: '',
    });
  });
});
