import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readMetric } from '@rookery/runtime';
import { type Child, freePort, processReady } from '@rookery/stack';
import { useServers } from '../index.ts';
import { startProgram } from './start-program.ts';

/** A recorder process of one's own. */
export interface RunningRecorder extends AsyncDisposable {
  readonly child: Child;
  readonly address: string;
  readonly metricsUrl: string;
  /** Its answer to /health/ready. */
  ready(): Promise<boolean>;
  /** One of its metrics. */
  metric(name: string): Promise<number>;
  /** All its metrics. */
  text(): Promise<string>;
  log(): string;
}

let count = 0;

/** Starts one, and waits until it is ready unless told not to. */
export const runRecorder = async (
  urls: { readonly postgres: string; readonly nats: string },
  env: Readonly<Record<string, string>> = {},
  { wait = true } = {},
): Promise<RunningRecorder> => {
  const [port, metricsPort] = [await freePort(), await freePort()];
  count += 1;
  const logFile = join(useServers().dir, `recorder-${process.pid}-${count}.log`);
  const child = await startProgram(
    'recorder',
    {
      NODE_ENV: 'test',
      LOG_LEVEL: 'info',
      HOST: '127.0.0.1',
      RECORDER_PORT: String(port),
      RECORDER_METRICS_PORT: String(metricsPort),
      POSTGRES_URL: urls.postgres,
      NATS_URL: urls.nats,
      ...env,
    },
    logFile,
  );
  const [address, metricsUrl] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${metricsPort}`];
  const metrics = async () => (await fetch(`${metricsUrl}/metrics`)).text();
  if (wait) await processReady(child, port, logFile);
  return {
    child,
    address,
    metricsUrl,
    ready: async () => (await fetch(`${address}/health/ready`).catch(() => undefined))?.ok ?? false,
    metric: async (name) => (await readMetric(metricsUrl, name)) ?? Number.NaN,
    text: metrics,
    log: () => readFileSync(logFile, 'utf8'),
    [Symbol.asyncDispose]: async () => {
      await child.stop('SIGKILL');
    },
  };
};
