import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { atLeast, type Binary, onPath, versionOf } from './binary.ts';
import { unpackDebian } from './debian.ts';

/** Prometheus, and the tool that checks and tests its rules. */
interface PrometheusBinary extends Binary {
  readonly promtool: string;
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
