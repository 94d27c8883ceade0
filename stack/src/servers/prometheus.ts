import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { spawnChild } from '../children/guarded-child.ts';
import { whenReady } from '../children/when-ready.ts';
import { atLeast, type Binary, onPath, versionOf } from './binary.ts';
import { unpackDebian } from './debian.ts';
import { freePort } from './ports.ts';
import { type Server, toServer } from './server.ts';

/** Prometheus, and the tool that checks and tests its rules. */
export interface PrometheusBinary extends Binary {
  readonly promtool: string;
}

export interface PrometheusOptions {
  readonly binary: PrometheusBinary;
  readonly dir: string;
  /** Configuration in YAML; paths in it are relative to it. */
  readonly configFile: string;
  /** Chosen by the system if absent. */
  readonly port?: number | undefined;
  readonly logFile?: string;
  /** Time for which samples are kept, such as `15d`. */
  readonly retention?: string;
  /** Folder that Prometheus serves at `/user/`. */
  readonly pageDir?: string;
}

/** 2.42 is the one of Debian 12. */
const oldest = [2, 42] as const;

/** Finds Prometheus on the PATH, or downloads it from Debian. */
export async function findPrometheus(say: (line: string) => void = () => {}): Promise<PrometheusBinary> {
  const installed = onPath('prometheus');
  if (installed !== undefined) {
    const version = await versionOf(installed);
    const promtool = join(dirname(installed), 'promtool');
    if (version !== undefined && atLeast(version, oldest) && existsSync(promtool))
      return { path: installed, version, promtool };
  }
  const { root, env } = await unpackDebian(say, { folder: 'debian-prometheus', packages: ['prometheus'] });
  const path = join(root, 'usr/bin/prometheus');
  const version = await versionOf(path, '--version', env);
  if (version !== undefined && atLeast(version, oldest))
    return { path, version, env, promtool: join(root, 'usr/bin/promtool') };
  throw new Error(
    `Prometheus ${oldest.join('.')} or later not found, and the one of the package archive is older: put prometheus and promtool on the PATH`,
  );
}

/** Starts Prometheus on loopback. */
export async function startPrometheus({
  binary,
  dir,
  configFile,
  port: chosen,
  logFile,
  retention = '15d',
  pageDir,
}: PrometheusOptions): Promise<Server> {
  const port = chosen ?? (await freePort());
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const url = `http://127.0.0.1:${port}`;
  const child = await spawnChild({
    name: 'prometheus',
    command: binary.path,
    args: [
      `--config.file=${configFile}`,
      `--storage.tsdb.path=${dir}`,
      `--storage.tsdb.retention.time=${retention}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--enable-feature=exemplar-storage',
      ...(pageDir === undefined ? [] : [`--web.user-assets=${pageDir}`]),
    ],
    env: { ...process.env, ...binary.env },
    logFile,
    cwd: dir,
  });
  const isReady = async () => (await fetch(`${url}/-/ready`)).ok;
  await whenReady(child, isReady, { logFile, timeoutMs: 60_000 });
  return toServer(child, url);
}
