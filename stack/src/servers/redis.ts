import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { spawnChild } from '../children/guarded-child.ts';
import { whenReady } from '../children/when-ready.ts';
import { atLeast, type Binary, onPath, versionOf } from './binary.ts';
import { unpackDebian } from './debian.ts';
import { freePort } from './ports.ts';
import { type Server, toServer } from './server.ts';

export interface RedisOptions {
  readonly binary: Binary;
  readonly dir: string;
  /** Chosen by the system if absent. */
  readonly port?: number;
  readonly logFile?: string;
  /** Keep an append-only file. Default true. */
  readonly persist?: boolean;
  /** Run as a node of a Redis Cluster that has no slots yet. */
  readonly cluster?: RedisNodeOptions;
}

interface RedisNodeOptions {
  /** Port at which the nodes talk to each other. */
  readonly busPort: number;
  /** Time after which the others take over from a node that does not answer. */
  readonly timeoutMs: number;
}

/** Finds Redis 7 or later on the PATH, or downloads it from Debian. */
export async function findRedis(say: (line: string) => void = () => {}): Promise<Binary> {
  const installed = onPath('redis-server');
  if (installed !== undefined) {
    const version = await versionOf(installed);
    if (version !== undefined && atLeast(version, [7, 0])) return { path: installed, version };
  }
  const { root, env } = await unpackDebian(say);
  const path = join(root, 'usr/bin/redis-server');
  const version = await versionOf(path, '--version', env);
  if (version !== undefined && atLeast(version, [7, 0])) return { path, version, env };
  throw new Error(
    'Redis 7 or later not found, and the one of the package archive is older: put redis-server on the PATH',
  );
}

/** Starts Redis on loopback. */
export async function startRedis(options: RedisOptions): Promise<Server> {
  const { binary, dir, logFile } = options;
  const port = options.port ?? (await freePort());
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const settings = {
    bind: '127.0.0.1',
    port: String(port),
    dir,
    daemonize: 'no',
    appendonly: (options.persist ?? true) ? 'yes' : 'no',
    save: '', // the append-only file is the one copy
    'maxmemory-policy': 'noeviction', // a feed that is evicted would look empty
    'zset-max-listpack-entries': '800', // a whole capped feed: 51 instead of 136 bytes an entry
    ...(options.cluster && {
      'cluster-enabled': 'yes',
      'cluster-port': String(options.cluster.busPort),
      'cluster-announce-ip': '127.0.0.1', // a node that has met no other does not know its address
      'cluster-node-timeout': String(options.cluster.timeoutMs),
    }),
  };
  const child = await spawnChild({
    name: 'redis',
    command: binary.path,
    args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
    env: { ...process.env, ...binary.env },
    logFile,
    cwd: dir,
  });
  await whenReady(child, () => answersPing(port), { logFile, timeoutMs: 60_000 });
  return toServer(child, `redis://127.0.0.1:${port}`);
}

/** Returns whether the Redis on a port of loopback takes commands; false while it loads its data ("-LOADING"). */
export const answersPing = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    const finish = (ready: boolean) => {
      socket.destroy();
      resolve(ready);
    };
    socket.setTimeout(1000, () => finish(false));
    socket.once('error', () => finish(false));
    socket.once('data', (data) => finish(data.toString().startsWith('+PONG')));
  });
