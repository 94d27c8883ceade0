import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { cloneDir } from '@rookery/stack';

export const chartDir = join(cloneDir, 'deploy/helm/rookery');
export const storesDir = join(cloneDir, 'deploy/stores');
export const kustomizeDir = join(cloneDir, 'deploy/kustomize');
/** Values with which the base is rendered. */
export const baseValuesFile = join(kustomizeDir, 'values.yaml');
/** Fingerprint of what the base was rendered from. */
export const renderedFromFile = join(kustomizeDir, 'base/rendered-from.txt');

/** Returns the files below a folder, sorted. */
export const filesBelow = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();

/** Returns the fingerprint of the chart and of the values of the base, which has no dashboards. */
export const fingerprint = (): string => {
  const hash = createHash('sha256');
  const dashboards = join(chartDir, 'files/dashboards/');
  for (const file of [...filesBelow(chartDir), baseValuesFile].filter((path) => !path.startsWith(dashboards)))
    hash
      .update(`${relative(cloneDir, file)}\n`)
      .update(readFileSync(file))
      .update('\n');
  return hash.digest('hex');
};
