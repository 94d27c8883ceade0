import { mkdirSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkSettings } from '@rookery/runtime/config';
import type { Child } from '../children/guarded-child.ts';
import { type Running, type Supervised, supervise } from '../children/supervise.ts';
import { cloneDir } from '../layout.ts';
import {
  type ProcessName,
  processes,
  processNames,
  processReady,
  spawnProcess,
  systemEnv,
} from '../processes.ts';
import { isFree } from '../servers/ports.ts';
import { setOrphanedDataAside } from '../servers/postgres.ts';
import type { Server } from '../servers/server.ts';
import { hasState, loadState } from '../state.ts';
import { checkStartSettings } from './check-settings.ts';
import { say } from './console.ts';
import { reachGivenServers } from './reach.ts';
import { gitRevision } from './revision.ts';
import { awaitLeftovers, forgetRunning, noteRunning } from './run-files.ts';
import { logFile, startServers } from './servers.ts';

/** Space for the first files of Postgres and some work, in bytes. */
const minFreeBytes = 400 * 1024 * 1024;

/** Addresses of the gateway and its metrics. */
export interface Addresses {
  readonly gateway: string;
  readonly metrics: string;
  /** Address at which the query subgraph reports the delay from writes to feeds. */
  readonly flow: string;
}

/** All servers and processes on this machine. */
export class System {
  readonly dir: string;
  readonly #processes = new Map<ProcessName, Supervised>();
  readonly #servers: Supervised[] = [];

  /** @param dir DATA_DIR, whose lock the caller holds */
  constructor(dir: string) {
    this.dir = dir;
  }

  /**
   * Starts the servers and then the processes, and waits until all are ready.
   * @returns the gateway's addresses
   * @throws Error with a line for each reason; `stop` ends whatever runs by then
   */
  async start(): Promise<Addresses> {
    const { dir } = this;
    checkSettings(process.env);
    checkStartSettings(process.env);
    const host = process.env.HOST || '127.0.0.1';
    mkdirSync(join(dir, 'logs'), { recursive: true });
    await awaitLeftovers(dir);
    checkRoom(dir);
    const fixed = await fixedPorts(host);
    await reachGivenServers(process.env);
    if (!hasState(dir)) {
      const aside = setOrphanedDataAside(join(dir, 'postgres'));
      if (aside !== undefined) say(`set the data of a clone that is gone aside: ${aside}`);
    }
    const state = await loadState(dir, {
      postgres: 0,
      nats: 0,
      natsMonitor: 0,
      redis: 0,
      ...preferred(processNames.filter((name) => name !== 'gateway')),
      ...preferred(processNames.map(metricsOf)),
    });

    const servers = await startServers(dir, state, this.#servers);
    const portOf = (part: Part) => fixed[part] ?? state.ports[part] ?? 0;
    const ports = eachProcess(portOf);
    const metricsPorts = eachProcess((name) => portOf(metricsOf(name)));
    const tokenKeyFile = process.env.TOKEN_KEY_FILE || join(dir, 'token-key.pem');
    const internalKeyFile = process.env.INTERNAL_KEY_FILE || join(dir, 'internal-key.pem');
    const secrets = { cursor: process.env.CURSOR_SECRET || state.secrets.cursor };
    const revision = process.env.BUILD_REVISION || (await gitRevision(cloneDir));
    const env = systemEnv({
      ports,
      metricsPorts,
      servers,
      secrets,
      tokenKeyFile,
      internalKeyFile,
      revision,
    });
    // For the operator commands, which must reach this system. Contains secrets.
    writeFileSync(join(dir, 'env.json'), `${JSON.stringify(env, undefined, 2)}\n`, { mode: 0o600 });

    // The first failure ends the start; `stop` ends the others.
    await Promise.all(processNames.map((name) => this.#startProcess(name, env, ports[name], host)));
    return {
      gateway: `http://${host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host}:${ports.gateway}`,
      metrics: `http://127.0.0.1:${metricsPorts.gateway}/metrics`,
      flow: `http://127.0.0.1:${ports.query}/health/flow`,
    };
  }

  async #startProcess(name: ProcessName, env: NodeJS.ProcessEnv, port: number, host: string): Promise<void> {
    const { dir } = this;
    const log = logFile(dir, name);
    // Only the gateway serves other machines.
    const own = name === 'gateway' ? { ...env, HOST: host } : env;
    const start = () => spawnProcess(name, own, log);
    const onStart = (child: Child) => noteRunning(dir, name, child.pid);
    const first = await start();
    onStart(first);
    this.#processes.set(name, { stop: (end) => end(first) });
    await processReady(first, port, log);
    say(`${name} is ready`);
    // Supervised only after its first start: a process that fails to start is an error and is not retried
    // forever.
    this.#processes.set(name, supervise({ name, first, start, say, onStart }));
  }

  /**
   * Stops the gateway first, so that clients never meet half a system, and the servers last. At most 9 s in
   * total.
   */
  async stop(): Promise<void> {
    const end = (timeoutMs: number) => (child: Running) => (child as Child).stop('SIGTERM', timeoutMs);
    await this.#processes.get('gateway')?.stop(end(3500));
    await Promise.all([...this.#processes.values()].map((part) => part.stop(end(3000))));
    await Promise.all(this.#servers.map((part) => part.stop((server) => (server as Server).stop())));
    forgetRunning(this.dir);
  }
}

/** Returns the ports that must be used and free: the port of the gateway, and those in the environment. */
async function fixedPorts(host: string): Promise<Partial<Record<Part, number>>> {
  const fixed: Partial<Record<Part, number>> = {};
  const wrong: string[] = [];
  for (const part of parts) {
    const [portName, standard] = standardPort(part);
    const given = process.env[portName];
    if (!given && part !== 'gateway') continue;
    const port = Number(given || standard);
    if (!Number.isInteger(port) || port < 1 || port > 65_535)
      wrong.push(`${portName}=${given} is not a port`);
    else if (!(await isFree(port, part === 'gateway' ? host : '127.0.0.1')))
      wrong.push(`port ${port} is taken: set ${portName} to a free one`);
    else fixed[part] = port;
  }
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
  return fixed;
}

/** Anything with its own port: each process, and its metrics. */
type Part = ProcessName | `${ProcessName}Metrics`;

const metricsOf = <N extends ProcessName>(name: N): `${N}Metrics` => `${name}Metrics`;
const parts: readonly Part[] = [...processNames, ...processNames.map(metricsOf)];

const standardPort = (part: Part): [setting: string, port: number] => {
  const name = processNames.find((each) => metricsOf(each) === part);
  if (name !== undefined) return [processes[name].metricsPortName, processes[name].metricsPort];
  const { portName, port } = processes[part as ProcessName];
  return [portName, port];
};

const preferred = (of: readonly Part[]): Record<string, number> =>
  Object.fromEntries(of.map((part) => [part, standardPort(part)[1]]));

const eachProcess = (portOf: (name: ProcessName) => number): Record<ProcessName, number> =>
  Object.fromEntries(processNames.map((name) => [name, portOf(name)])) as Record<ProcessName, number>;

function checkRoom(dir: string): void {
  const { bavail, bsize } = statfsSync(dir);
  const room = bavail * bsize;
  if (room < minFreeBytes) {
    throw new Error(
      `the disk is full: ${Math.floor(room / 1e6)} MB left at ${dir}, and ${Math.ceil(minFreeBytes / 1e6)} MB are needed`,
    );
  }
}
