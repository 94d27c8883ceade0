import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDeployTools } from '@rookery/deploy';
import type { TestProject } from 'vitest/node';
import { buildClusterBinaries } from './cluster/binaries.ts';
import type { TestCluster } from './cluster/chart.ts';
import { startCluster } from './cluster/start-cluster.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    cluster: TestCluster;
  }
}

/** One cluster for a whole run; each file has a namespace of its own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const say = (line: string): void => console.log(`kubernetes: ${line}`);
  const binaries = await buildClusterBinaries(say);
  const { helm } = await openDeployTools(say);
  const dir = mkdtempSync(join(tmpdir(), 'rookery-kubernetes-'));
  const keep = process.env.KEEP_LOGS !== undefined;
  try {
    const cluster = await startCluster(binaries, dir, say);
    project.provide('cluster', { access: cluster.access, helm });
    return async () => {
      await cluster[Symbol.asyncDispose]();
      if (keep) say(`logs are in ${dir}`);
      else rmSync(dir, { recursive: true, force: true });
    };
  } catch (error) {
    say(`logs are in ${dir}`);
    throw error;
  }
}
