import { writeFileSync } from 'node:fs';

import { join } from 'node:path';

import { loopSampleMs } from '@rookery/runtime';
import { composeSupergraph } from '@rookery/schema/compose';
import { cloneDir, findRedis, freePort, nodeFlags, spawnChild, startRedis } from '@rookery/stack';
import { sdl } from './subgraph.ts';

export interface MeasuredGateway {
  readonly url: string;
  /** Returns bytes and numbers of open objects after a full garbage collection. */
  readonly holds: () => Promise<Holds>;
  readonly load: () => Promise<Load>;
}

interface Load {
  /** CPU time so far, in seconds. */
  readonly cpu: number;
  /** Longest delay of the event loop since it was last asked, in milliseconds, measured every ten. */
  readonly longestDelayMs: number;
}

export interface Holds {
  readonly heap: number;
  readonly rss: number;
  readonly subscriptions: number;
  readonly upstreams: number;
  readonly sockets: number;
}

const collector = 'data:text/javascript,process.on("SIGUSR2",()=>globalThis.gc())';

/**
 * Starts the gateway with its production settings as a separate process over the subgraph of the benchmark.
 * @param profile folder for its CPU profile
 */
export const startMeasured = async (
  subgraph: string,
  dir: string,
  resources: AsyncDisposableStack,
  profile?: string,
): Promise<MeasuredGateway> => {
  const supergraph = join(dir, 'supergraph.graphql');
  writeFileSync(
    supergraph,
    composeSupergraph({ live: sdl }).replace('http://live.invalid/graphql', subgraph),
  );
  const redis = await startRedis({ binary: await findRedis(), dir: join(dir, 'redis'), persist: false });
  resources.defer(() => redis.stop());
  const [port, metricsPort] = [await freePort(), await freePort()];
  const child = await spawnChild({
    name: 'gateway',
    command: process.execPath,
    args: [
      ...nodeFlags('gateway'),
      ...(profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]),
      '--expose-gc',
      '--import',
      collector,
      join(cloneDir, 'gateway/src/main.ts'),
    ],
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'production',
      LOG_LEVEL: 'warn',
      GATEWAY_PORT: String(port),
      GATEWAY_METRICS_PORT: String(metricsPort),
      REDIS_URL: redis.url,
      SUPERGRAPH: supergraph,
      INTERNAL_KEY_FILE: join(dir, 'internal-key.pem'),
    },
    logFile: join(dir, 'gateway.log'),
  });
  resources.defer(async () => {
    await child.stop();
  });
  const url = `http://127.0.0.1:${port}`;
  const metrics = async (): Promise<(name: string) => number> => {
    const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    return (name) =>
      text
        .split('\n')
        .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
        .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  };
  for (const end = performance.now() + 30_000; ; ) {
    const live = await fetch(`${url}/health/live`).catch(() => undefined);
    if (live?.ok) break;
    if (performance.now() > end || child.hasExited) throw new Error('the gateway did not start');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    url,
    holds: async () => {
      // Sent twice: the first signal may arrive only after the first answer.
      child.kill('SIGUSR2');
      await metrics();
      child.kill('SIGUSR2');
      await metrics();
      const value = await metrics();
      return {
        heap: value('nodejs_heap_size_used_bytes') + value('nodejs_external_memory_bytes'),
        rss: value('process_resident_memory_bytes'),
        subscriptions: value('rookery_gateway_subscriptions'),
        upstreams: value('rookery_gateway_upstream_subscriptions'),
        sockets: value('rookery_gateway_sockets'),
      };
    },
    load: async () => {
      const value = await metrics();
      return {
        cpu: value('process_cpu_seconds_total'),
        longestDelayMs: value('nodejs_eventloop_lag_max_seconds') * 1_000 - loopSampleMs,
      };
    },
  };
};
