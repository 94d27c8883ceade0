import { join } from 'node:path';
import { type Child, spawnChild } from './children/guarded-child.ts';
import { whenReady } from './children/when-ready.ts';
import { cloneDir } from './layout.ts';

/** The five processes, in the order in which an event passes them, the gateway last: others must be there for it. */
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

/**
 * Options of Node for one process. The gateway makes much that lives for one request: with more room for what is young,
 * little of it is taken for old and cleaned up dearly.
 */
export const nodeFlags = (name: keyof typeof processes): readonly string[] =>
  name === 'gateway' ? ['--max-semi-space-size=64'] : [];

export type ProcessName = keyof typeof processes;
export const processNames = Object.keys(processes) as ProcessName[];

export interface SystemSettings {
  readonly ports: Readonly<Record<ProcessName, number>>;
  /** On which each serves its metrics. */
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
}

/** What every process of one system is told by its environment. */
export function systemEnv({
  ports,
  metricsPorts,
  servers,
  secrets,
  tokenKeyFile,
  internalKeyFile,
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
    SHUTDOWN_TIMEOUT: process.env.SHUTDOWN_TIMEOUT ?? '3000',
    APOLLO_TELEMETRY_DISABLED: 'true',
    // One machine, and what waits here for a process to be ready asks by plain HTTP.
    TLS_CERT_FILE: '',
    TLS_KEY_FILE: '',
  };
}

/** Starts one process and does not wait for it. */
export const spawnProcess = (name: ProcessName, env: NodeJS.ProcessEnv, logFile: string): Promise<Child> =>
  spawnChild({
    name,
    command: process.execPath,
    args: [...nodeFlags(name), join(cloneDir, processes[name].entry)],
    env: { ...process.env, ...env },
    cwd: cloneDir,
    logFile,
    // It is made to lose nothing by this, and must not go on writing while the next system starts.
    deathSignal: 'KILL',
  });

/**
 * Waits until the process says that it is ready.
 * @param deadline in ms
 */
export function processReady(child: Child, port: number, logFile: string, deadline = 60_000): Promise<void> {
  let state: string | undefined;
  const probe = async () => {
    const response = await fetch(`http://127.0.0.1:${port}/health/ready`);
    const answer = await response.text(); // read to the end, so that the connection is used again
    if (!response.ok) state = `: ${answer}`;
    return response.ok;
  };
  return whenReady(child, probe, { deadline, interval: 25, logFile, state: () => state });
}
