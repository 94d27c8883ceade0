import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, spawnChild, whenReady } from '@rookery/stack';
import { Agent, fetch } from 'undici';

export interface ClusterServer {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Address that answers with 200 once the server does its job. */
  readonly health: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Long, because the machine may be busy. */
const startTimeoutMs = 300_000;

/** Does not look at certificates, which most of the servers make themselves. */
const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });

const isHealthy = async (url: string): Promise<boolean> => {
  const { status, body } = await fetch(url, { dispatcher });
  await body?.cancel();
  return status === 200;
};

/** Starts a server, with its folder and log in `dir`, and waits until it is healthy. */
export const startClusterServer = async (
  { name, command, args, health, env = {} }: ClusterServer,
  dir: string,
): Promise<AsyncDisposable> => {
  const cwd = join(dir, name);
  mkdirSync(cwd, { recursive: true, mode: 0o700 });
  const logFile = join(dir, `${name}.log`);
  const child = await spawnChild({ name, command, args, cwd, logFile, env: { ...process.env, ...env } });
  await whenReady(child, () => isHealthy(health), { logFile, timeoutMs: startTimeoutMs, intervalMs: 100 });
  return { [Symbol.asyncDispose]: async () => void (await child.stop('SIGTERM', 10_000)) };
};

/** Returns free ports by name. */
export const portsFor = async <Name extends string>(
  ...names: readonly Name[]
): Promise<Readonly<Record<Name, number>>> =>
  Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await freePort()] as const)),
  ) as Record<Name, number>;
