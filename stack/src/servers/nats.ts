import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnChild } from '../children/guarded-child.ts';
import { watchHealth } from '../children/watch-health.ts';
import { whenReady } from '../children/when-ready.ts';
import { atLeast, type Binary, onPath, versionOf } from './binary.ts';
import { unpackDebian } from './debian.ts';
import { freePort } from './ports.ts';
import { type Server, toServer } from './server.ts';

export interface NatsOptions {
  readonly binary: Binary;
  /** Folder of the streams and the generated configuration. */
  readonly dir: string;
  /** Chosen by the system if absent. */
  readonly port?: number;
  readonly monitorPort?: number;
  readonly logFile?: string;
  /**
   * Sync every message to disk before its acknowledgement if the server supports it (2.10 and later).
   * Default: true.
   */
  readonly syncAlways?: boolean;
  /** Stop the server if it keeps reporting itself unhealthy, as it does after a full disk has disabled JetStream. */
  readonly endWhenSick?: boolean;
  /** Run as one of several servers that keep copies of the streams. Each is ready once most of them run. */
  readonly cluster?: NatsClusterOptions;
}

interface NatsClusterOptions {
  readonly serverName: string;
  /** Ports at which the servers talk to each other, its own first. */
  readonly ports: readonly number[];
}

/** Finds nats-server 2.9 or later on the PATH, or downloads it from Debian. */
export async function findNats(say: (line: string) => void = () => {}): Promise<Binary> {
  const installed = onPath('nats-server');
  if (installed !== undefined) {
    const version = await versionOf(installed);
    if (version !== undefined && atLeast(version, [2, 9])) return { path: installed, version };
  }
  const { root, env } = await unpackDebian(say);
  for (const path of [join(root, 'usr/sbin/nats-server'), join(root, 'usr/bin/nats-server')]) {
    const version = await versionOf(path, '--version', env);
    if (version !== undefined && atLeast(version, [2, 9])) return { path, version, env };
  }
  throw new Error(
    'NATS 2.9 or later not found, and the one of the package archive is older: put nats-server on the PATH',
  );
}

/** Starts NATS with JetStream on loopback. */
export async function startNats(options: NatsOptions): Promise<Server> {
  const { binary, dir, logFile } = options;
  const port = options.port ?? (await freePort());
  const monitorPort = options.monitorPort ?? (await freePort());
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const config = join(dir, 'nats.conf');
  const syncAlways = (options.syncAlways ?? true) && atLeast(binary.version, [2, 10]);
  writeFileSync(
    config,
    [
      'host: 127.0.0.1',
      `port: ${port}`,
      `http: "127.0.0.1:${monitorPort}"`,
      'max_payload: 1MB',
      `jetstream { store_dir: ${JSON.stringify(dir)}${syncAlways ? ', sync_interval: always' : ''} }`,
      ...(options.cluster === undefined ? [] : clusterSettings(options.cluster)),
      '',
    ].join('\n'),
  );
  const child = await spawnChild({
    name: 'nats',
    command: binary.path,
    args: ['-c', config],
    env: { ...process.env, ...binary.env },
    logFile,
    cwd: dir,
  });
  const monitor = `http://127.0.0.1:${monitorPort}`;
  const health = `${monitor}/healthz`;
  // healthz succeeds only after JetStream has recovered every stream.
  await whenReady(child, async () => (await fetch(health)).ok, { logFile, timeoutMs: 60_000 });
  // A JetStream that is stuck still counts as enabled; only a request for its streams reveals it.
  const signs = [`${health}?js-enabled=true`, `${monitor}/jsz?streams=true&consumers=true`];
  if (options.endWhenSick) void watchHealth(child, { urls: signs });
  return toServer(child, `nats://127.0.0.1:${port}`);
}

const clusterSettings = ({ serverName, ports }: NatsClusterOptions): string[] => [
  `server_name: ${serverName}`,
  `cluster { name: rookery, host: 127.0.0.1, port: ${ports[0]}, routes: [${ports.map((port) => `"nats://127.0.0.1:${port}"`).join()}] }`,
];
