import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type Child,
  freePort,
  nodeFlags,
  type ProcessName,
  processes,
  processNames,
  processReady,
  spawnChild,
  systemEnv,
} from '@rookery/stack';
import { freshDatabase, freshNats, freshRedis, useServers } from '../support/index.ts';
import { startTcpBalancer, type TcpBalancer } from './tcp-balancer.ts';

/** A replica of one process, of the version in `dir`. */
interface Replica {
  readonly dir: string;
  readonly child: Child;
  readonly port: number;
  readonly metricsPort: number;
}

/** Time between the removal from the balancers and SIGTERM, as `preStop` of the chart, in milliseconds. */
const preStopMs = 500;

/** Two of each process behind balancers, as in Kubernetes, each of some version of the code. */
export interface Fleet extends AsyncDisposable {
  readonly graphqlUrl: string;
  /** Environment of the operators' commands. */
  readonly env: NodeJS.ProcessEnv;
  /** Replaces the replicas of a process one after the other: the new one is ready before an old one ends. */
  roll(name: ProcessName, dir: string): Promise<void>;
  /** Folders of the versions that run. */
  versions(): Readonly<Record<ProcessName, readonly string[]>>;
}

const eachProcess = async <T>(make: (name: ProcessName) => Promise<T>): Promise<Record<ProcessName, T>> =>
  Object.fromEntries(
    await Promise.all(processNames.map(async (name) => [name, await make(name)] as const)),
  ) as Record<ProcessName, T>;

/** Starts a fleet of one version. */
export const startFleet = async (first: string): Promise<Fleet> => {
  await using undo = new AsyncDisposableStack();
  const home = mkdtempSync(join(useServers().dir, 'fleet-'));
  undo.defer(() => rmSync(home, { recursive: true, force: true }));
  const database = undo.use(await freshDatabase());
  const nats = undo.use(await freshNats());
  const redis = undo.use(await freshRedis());
  const balancers = await eachProcess(async () => undo.use(await startTcpBalancer()));
  // Subgraphs fetch the keys of the gateways at their metrics addresses.
  const metricsBalancers = await eachProcess(async () => undo.use(await startTcpBalancer()));
  const portOf = (all: Record<ProcessName, TcpBalancer>) =>
    Object.fromEntries(processNames.map((name) => [name, all[name].port])) as Record<ProcessName, number>;
  const env = {
    ...systemEnv({
      ports: portOf(balancers),
      metricsPorts: portOf(metricsBalancers),
      servers: { postgres: database.url, nats: nats.url, redis: redis.url, documents: database.url },
      secrets: { cursor: randomBytes(32).toString('base64url') },
      tokenKeyFile: join(home, 'token-key.pem'),
      internalKeyFile: join(home, 'internal-key.pem'),
    }),
    NODE_ENV: 'test',
    SHUTDOWN_TIMEOUT: '8000',
    RATE_LIMIT_USER: '0',
    RATE_LIMIT_ADDRESS: '0',
    RATE_LIMIT_FIELDS: 'off',
  };

  const running = new Map<ProcessName, Replica[]>(processNames.map((name) => [name, []]));
  let started = 0;
  const start = async (name: ProcessName, dir: string): Promise<void> => {
    const { entry, portName, metricsPortName } = processes[name];
    const [port, metricsPort] = [await freePort(), await freePort()];
    const logFile = join(home, `${name}-${started++}.log`);
    const child = await spawnChild({
      name,
      command: process.execPath,
      args: [...nodeFlags(name), join(dir, entry)],
      env: { ...process.env, ...env, [portName]: String(port), [metricsPortName]: String(metricsPort) },
      cwd: dir,
      logFile,
      deathSignal: 'KILL',
    });
    running.get(name)?.push({ dir, child, port, metricsPort });
    await processReady(child, port, logFile).catch((error: Error) => {
      throw new Error(`${error.message}\n${readFileSync(logFile, 'utf8').slice(-2_000)}`, { cause: error });
    });
    balancers[name].add(port);
    metricsBalancers[name].add(metricsPort);
  };
  const stopOldest = async (name: ProcessName): Promise<void> => {
    const old = running.get(name)?.shift();
    if (old === undefined) throw new Error(`no ${name} runs`);
    balancers[name].remove(old.port);
    metricsBalancers[name].remove(old.metricsPort);
    await delay(preStopMs);
    const { code, signal } = await old.child.stop('SIGTERM', 20_000);
    if (code !== 0) throw new Error(`a ${name} ended with ${code ?? signal}`);
  };
  undo.defer(async () => {
    const all = [...running.values()].flat();
    await Promise.all(all.map(({ child }) => child.stop('SIGKILL')));
  });

  // The first of each makes keys and tables.
  for (const name of processNames) await start(name, first);
  await Promise.all(processNames.map((name) => start(name, first)));
  const resources = undo.move();
  return {
    graphqlUrl: `http://127.0.0.1:${balancers.gateway.port}/graphql`,
    env,
    async roll(name, dir) {
      for (let left = running.get(name)?.length ?? 0; left > 0; left--) {
        await start(name, dir);
        await stopOldest(name);
      }
    },
    versions: () =>
      Object.fromEntries([...running].map(([name, all]) => [name, all.map(({ dir }) => dir)])) as Record<
        ProcessName,
        string[]
      >,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
};
