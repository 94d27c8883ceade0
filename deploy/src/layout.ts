import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { cloneDir } from '@rookery/stack';
import { parse } from 'yaml';

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

/** Files of the chart that the base does not depend on. */
const independent = ['files/dashboards/', 'values.schema.json'].map((path) => join(chartDir, path));

/** The facts about the code without the names of settings, which the base has only if the chart sets them. */
const contentOf = (file: string): string => {
  const text = readFileSync(file, 'utf8');
  return file.endsWith('files/processes.yaml')
    ? JSON.stringify(parse(text), (key, value) => (key === 'settings' ? undefined : value))
    : text;
};

/** Returns the fingerprint of what the base is rendered from. */
export const fingerprint = (): string => {
  const hash = createHash('sha256');
  const files = filesBelow(chartDir).filter((path) => !independent.some((each) => path.startsWith(each)));
  for (const file of [...files, baseValuesFile])
    hash
      .update(`${relative(cloneDir, file)}\n`)
      .update(contentOf(file))
      .update('\n');
  return hash.digest('hex');
};

/** Returns whether the base that is there was rendered from the chart as it is. */
export const isBaseCurrent = (): boolean =>
  existsSync(renderedFromFile) && readFileSync(renderedFromFile, 'utf8').trim() === fingerprint();
