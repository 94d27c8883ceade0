import { mkdirSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { type Child, freePort, spawnChild, whenReady } from '@rookery/stack';

export interface ClusterServer {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Address that answers with 200 once the server does its job. */
  readonly health: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Long, because all of them start at once, on a machine that may be busy. */
const startTimeoutMs = 300_000;

/** Asks without a look at the certificate, which most of the servers make themselves. */
const isHealthy = async (url: string): Promise<boolean> => {
  if (url.startsWith('http:')) return (await fetch(url)).ok;
  return new Promise((resolve, reject) => {
    const asked = request(url, { rejectUnauthorized: false, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.on('error', reject);
    asked.end();
  });
};

/** Starts a server, with its folder and log in `dir`, and waits until it is healthy. */
export const startClusterServer = async (
  { name, command, args, health, env = {} }: ClusterServer,
  dir: string,
): Promise<Child> => {
  const cwd = join(dir, name);
  mkdirSync(cwd, { recursive: true, mode: 0o700 });
  const logFile = join(dir, `${name}.log`);
  const child = await spawnChild({ name, command, args, cwd, logFile, env: { ...process.env, ...env } });
  await whenReady(child, () => isHealthy(health), { logFile, timeoutMs: startTimeoutMs, intervalMs: 100 });
  return child;
};

/** Returns free ports by name. */
export const portsFor = async <Name extends string>(
  ...names: readonly Name[]
): Promise<Readonly<Record<Name, number>>> =>
  Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await freePort()] as const)),
  ) as Record<Name, number>;
