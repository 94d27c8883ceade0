import { join } from 'node:path';
import { type Child, spawnChild } from './children/guarded-child.ts';
import { whenReady } from './children/when-ready.ts';
import { cloneDir } from './layout.ts';

/**
 * The five processes, in the order in which an event passes them, with the gateway last, since it needs the
 * others.
 */
export const processes = {
  mutation: {
    entry: 'subgraphs/mutation/src/main.ts',
    portName: 'MUTATION_PORT',
    port: 4001,
    metricsPortName: 'MUTATION_METRICS_PORT',
    metricsPort: 4011,
  },
  recorder: {
    entry: 'recorder/src/main.ts',
    portName: 'RECORDER_PORT',
    port: 4003,
    metricsPortName: 'RECORDER_METRICS_PORT',
    metricsPort: 4013,
  },
  projector: {
    entry: 'projector/src/main.ts',
    portName: 'PROJECTOR_PORT',
    port: 4004,
    metricsPortName: 'PROJECTOR_METRICS_PORT',
    metricsPort: 4014,
  },
  query: {
    entry: 'subgraphs/query/src/main.ts',
    portName: 'QUERY_PORT',
    port: 4002,
    metricsPortName: 'QUERY_METRICS_PORT',
    metricsPort: 4012,
  },
  gateway: {
    entry: 'gateway/src/main.ts',
    portName: 'GATEWAY_PORT',
    port: 4000,
    metricsPortName: 'GATEWAY_METRICS_PORT',
    metricsPort: 4010,
  },
} as const;

/** The processes, and the schema registry, which they do without. */
export const programs = {
  ...processes,
  registry: {
    entry: 'schema/registry/src/main.ts',
    portName: 'REGISTRY_PORT',
    port: 4006,
    metricsPortName: 'REGISTRY_METRICS_PORT',
    metricsPort: 4016,
  },
} as const;

export type ProcessName = keyof typeof processes;
export type ProgramName = keyof typeof programs;
export const processNames = Object.keys(processes) as ProcessName[];

/**
 * Returns the options of Node for one process. The gateway creates many objects that live for one request: a
 * larger young generation keeps them from being promoted, whose collection is expensive.
 */
export const nodeFlags = (name: ProgramName): readonly string[] =>
  name === 'gateway' ? ['--max-semi-space-size=64'] : [];

export interface SystemSettings {
  readonly ports: Readonly<Record<ProcessName, number>>;
  /** Ports of the metrics of each process. */
  readonly metricsPorts: Readonly<Record<ProcessName, number>>;
  readonly servers: {
    readonly postgres: string;
    readonly nats: string;
    readonly redis: string;
    readonly documents: string;
  };
  readonly secrets: { readonly cursor: string };
  /** Created by the mutation subgraph if it does not exist. */
  readonly tokenKeyFile: string;
  /** Created by the gateway if it does not exist. */
  readonly internalKeyFile: string;
  /** Commit that the processes are built from; unknown if undefined. */
  readonly revision?: string | undefined;
}

/** Returns the environment that all processes of one system share. */
export function systemEnv({
  ports,
  metricsPorts,
  servers,
  secrets,
  tokenKeyFile,
  internalKeyFile,
  revision = '',
}: SystemSettings): NodeJS.ProcessEnv {
  return {
    HOST: '127.0.0.1',
    ...Object.fromEntries(
      processNames.flatMap((name) => [
        [processes[name].portName, String(ports[name])],
        [processes[name].metricsPortName, String(metricsPorts[name])],
      ]),
    ),
    MUTATION_URL: `http://127.0.0.1:${ports.mutation}`,
    QUERY_URL: `http://127.0.0.1:${ports.query}`,
    POSTGRES_URL: servers.postgres,
    NATS_URL: servers.nats,
    REDIS_URL: servers.redis,
    DOCUMENTS_URL: servers.documents,
    INTERNAL_KEY_FILE: internalKeyFile,
    GATEWAY_KEYS_URL: `http://127.0.0.1:${metricsPorts.gateway}/.well-known/gateway-keys.json`,
    CURSOR_SECRET: secrets.cursor,
    TOKEN_KEY_FILE: tokenKeyFile,
    BUILD_REVISION: revision,
    SHUTDOWN_TIMEOUT: process.env.SHUTDOWN_TIMEOUT ?? '3000',
    APOLLO_TELEMETRY_DISABLED: 'true',
    // On one machine, the readiness checks use plain HTTP.
    TLS_CERT_FILE: '',
    TLS_KEY_FILE: '',
  };
}

/**
 * Starts one process without waiting for it.
 * @param entry file to run, if not its source
 */
export const spawnProcess = (
  name: ProgramName,
  env: NodeJS.ProcessEnv,
  logFile: string,
  entry = join(cloneDir, programs[name].entry),
): Promise<Child> =>
  spawnChild({
    name,
    command: process.execPath,
    args: [...nodeFlags(name), entry],
    env: { ...process.env, ...env },
    cwd: cloneDir,
    logFile,
    // Processes lose nothing by SIGKILL, and must not keep writing while the next system starts.
    deathSignal: 'KILL',
  });

/** Waits until the process reports that it is ready. @throws StartError as `whenReady` does */
export function processReady(child: Child, port: number, logFile: string, timeoutMs = 60_000): Promise<void> {
  let state: string | undefined;
  const probe = async () => {
    const response = await fetch(`http://127.0.0.1:${port}/health/ready`);
    const answer = await response.text(); // read to the end, so that the connection is used again
    if (!response.ok) state = `: ${answer}`;
    return response.ok;
  };
  return whenReady(child, probe, { timeoutMs, intervalMs: 25, logFile, state: () => state });
}
