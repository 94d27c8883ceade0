import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnChild } from '../children/guarded-child.ts';
import { whenReady } from '../children/when-ready.ts';
import { cloneDir } from '../layout.ts';
import { buildWithGo } from './go-build.ts';
import { freePort } from './ports.ts';
import { type Server, toServer } from './server.ts';

export interface CollectorOptions {
  readonly path: string;
  readonly dir: string;
  /** Configuration in YAML, whose receiver listens at a port of its own instead. */
  readonly configFile: string;
  /** Receiver of the traces that are kept: OTLP over HTTP in its JSON form. */
  readonly tracesUrl: string;
  readonly logFile?: string;
}

/**
 * Builds an OpenTelemetry Collector with the components of deploy/observability/collector, for the tests. The first build takes
 * minutes and is cached by the hash of its sources.
 * @returns its path; undefined if this machine has no Go
 */
export async function findCollector(say: (line: string) => void = () => {}): Promise<string | undefined> {
  const source = join(cloneDir, 'stack/collector');
  const dir = await buildWithGo({ name: 'collector', source, packages: ['.'], say });
  return dir === undefined ? undefined : join(dir, 'collector');
}

/** Starts it on loopback. */
export async function startCollector({
  path,
  dir,
  configFile,
  tracesUrl,
  logFile,
}: CollectorOptions): Promise<Server> {
  const port = await freePort();
  mkdirSync(dir, { recursive: true });
  const differences = join(dir, 'differences.json');
  writeFileSync(
    differences,
    JSON.stringify({
      receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${port}` } } } },
      exporters: { otlphttp: { encoding: 'json', compression: 'none' } },
      // It would serve metrics of its own at a fixed port.
      service: { telemetry: { metrics: { level: 'none' } } },
    }),
  );
  const child = await spawnChild({
    name: 'collector',
    command: path,
    args: ['--config', configFile, '--config', differences],
    env: { PATH: process.env.PATH, TRACES_URL: tracesUrl },
    cwd: dir,
    logFile,
  });
  const url = `http://127.0.0.1:${port}`;
  const isUp = async () =>
    (
      await fetch(`${url}/v1/traces`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{}',
      })
    ).ok;
  await whenReady(child, isUp, { logFile });
  return toServer(child, url);
}
