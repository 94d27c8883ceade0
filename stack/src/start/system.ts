import { mkdirSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkSettings } from '@rookery/runtime/config';
import type { Child } from '../children/guarded-child.ts';
import { type Running, type Supervised, supervise } from '../children/supervise.ts';
import { cloneDir } from '../layout.ts';
import {
  type ProcessName,
  type ProgramName,
  processNames,
  processReady,
  spawnProcess,
  systemEnv,
} from '../processes.ts';
import { setOrphanedDataAside } from '../servers/postgres.ts';
import { findPrometheus } from '../servers/prometheus.ts';
import type { Server } from '../servers/server.ts';
import { hasState, loadState } from '../state.ts';
import { checkStartSettings } from './check-settings.ts';
import { complain, say } from './console.ts';
import {
  gatewayEnv,
  type LocalRegistry,
  localRegistry,
  publisherTokenFile,
  publishOwnSubgraphs,
} from './local-registry.ts';
import { type ObserveOptions, pageOf, startObserving } from './observe.ts';
import { eachProcess, fixedPorts, metricsOf, type Part, parts, preferred } from './part-ports.ts';
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
  /** Address of the registry's page; undefined if it is off. */
  readonly registry: string | undefined;
  /** Address of the page with dashboards and alerts; undefined if nothing observes. */
  readonly observe: string | undefined;
  /** File of a token with which people publish to it; undefined unless the gateway serves its supergraph. */
  readonly registryTokenFile: string | undefined;
}

export interface SystemOptions {
  /** True if the gateway serves the supergraph of the registry. */
  readonly servesRegistry: boolean;
  /** True to run a Prometheus that observes all processes. */
  readonly observes: boolean;
}

interface Programs {
  readonly env: NodeJS.ProcessEnv;
  readonly ports: Readonly<Record<ProcessName, number>>;
  readonly host: string;
  /** Undefined to do without it. */
  readonly registry: LocalRegistry | undefined;
}

/** All servers and processes on this machine. */
export class System {
  readonly dir: string;
  readonly #processes = new Map<ProgramName, Supervised>();
  #isStopping = false;
  readonly #servers: Supervised[] = [];
  readonly #options: SystemOptions;

  /** @param dir DATA_DIR, whose lock the caller holds */
  constructor(dir: string, options: SystemOptions) {
    this.dir = dir;
    this.#options = options;
  }

  /**
   * Starts the servers and then the processes, and waits until all are ready.
   * @returns the gateway's addresses
   * @throws Error with a line for each reason; `stop` ends whatever runs by then
   */
  async start(): Promise<Addresses> {
    const { dir } = this;
    const { servesRegistry } = this.#options;
    checkSettings(process.env);
    checkStartSettings(process.env, servesRegistry);
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
      prometheus: 9_090,
      ...preferred(parts.filter((part) => part !== 'gateway')),
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

    const registry =
      process.env.START_REGISTRY === 'off'
        ? undefined
        : localRegistry(dir, env, portOf('registry'), portOf('registryMetrics'));
    await this.#startPrograms({ env, ports, host, registry });
    const observe = await this.#observe(state.ports.prometheus, {
      ...metricsPorts,
      registry: registry && portOf('registryMetrics'),
    });
    return {
      observe,
      registry: registry && `${registry.url}/registry`,
      registryTokenFile: servesRegistry ? publisherTokenFile(dir) : undefined,
      gateway: `http://${host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host}:${ports.gateway}`,
      metrics: `http://127.0.0.1:${metricsPorts.gateway}/metrics`,
      flow: `http://127.0.0.1:${ports.query}/health/flow`,
    };
  }

  /** Starts the registry and all processes, and waits until the processes are ready. The first failure ends the start. */
  async #startPrograms({ env, ports, host, registry }: Programs): Promise<void> {
    const { servesRegistry } = this.#options;
    const startRegistry = async () => {
      if (registry !== undefined) await this.#startProcess('registry', registry.env, registry.port, host);
    };
    // A gateway that is to serve its supergraph needs it first; otherwise nobody waits for it.
    const isFirst = servesRegistry || Boolean(process.env.REGISTRY_URL);
    if (isFirst) await startRegistry();
    const served = servesRegistry ? registry : undefined;
    if (served !== undefined) await publishOwnSubgraphs(served);
    const ofGateway = served === undefined ? {} : gatewayEnv(served);
    const envOf = (name: ProcessName) => (name === 'gateway' ? { ...env, ...ofGateway } : env);
    await Promise.all(processNames.map((name) => this.#startProcess(name, envOf(name), ports[name], host)));
    if (!isFirst) startRegistry().catch((error) => this.#isStopping || complain(error));
  }

  /** Starts the Prometheus if it is wanted. Returns the address of its page. */
  async #observe(
    port: number | undefined,
    metricsPorts: ObserveOptions['metricsPorts'],
  ): Promise<string | undefined> {
    const { dir } = this;
    if (!this.#options.observes) return undefined;
    const name = 'prometheus';
    const binary = await findPrometheus(say);
    const start = () => startObserving({ binary, dir, port, metricsPorts, logFile: logFile(dir, name) });
    const first = await start();
    const onStart = (server: Server) => noteRunning(dir, name, server.pid);
    onStart(first);
    this.#servers.push(supervise({ name, first, start, say, onStart }));
    say(`${name} ${binary.version.join('.')} at ${new URL(first.url).host}`);
    return pageOf(first.url);
  }

  async #startProcess(name: ProgramName, env: NodeJS.ProcessEnv, port: number, host: string): Promise<void> {
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
    if (this.#isStopping) return;
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
    this.#isStopping = true;
    const end = (timeoutMs: number) => (child: Running) => (child as Child).stop('SIGTERM', timeoutMs);
    await this.#processes.get('gateway')?.stop(end(3500));
    await Promise.all([...this.#processes.values()].map((part) => part.stop(end(3000))));
    await Promise.all(this.#servers.map((part) => part.stop((server) => (server as Server).stop())));
    forgetRunning(this.dir);
  }
}

function checkRoom(dir: string): void {
  const { bavail, bsize } = statfsSync(dir);
  const room = bavail * bsize;
  if (room < minFreeBytes) {
    throw new Error(
      `the disk is full: ${Math.floor(room / 1e6)} MB left at ${dir}, and ${Math.ceil(minFreeBytes / 1e6)} MB are needed`,
    );
  }
}
