import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { settings } from '@rookery/runtime';
import { cloneDir, programs } from '@rookery/stack';
import { parse } from 'yaml';
import { z } from 'zod';
import { renderBase } from './base.ts';
import { chartFiles, driftOf } from './generated.ts';
import { chartDir, filesBelow, isBaseCurrent, kustomizeDir, storesDir } from './layout.ts';
import { type Manifest, readManifests } from './manifest.ts';
import { currentVersion } from './release/version.ts';
import { chartRules, type Rule, rules } from './rules.ts';
import { createValidator } from './schemas/validate.ts';
import { openDeployTools } from './tools.ts';
import { chartValues } from './values.ts';
import { variants } from './variants.ts';

const read = (path: string): string => readFileSync(path, 'utf8');
const shown = (path: string): string => relative(cloneDir, path);

/** Kinds of operators whose schemas no registry of packages has. */
const unchecked = ['postgresql.cnpg.io/v1 Cluster', 'mongodbcommunity.mongodb.com/v1 MongoDBCommunity'];
const validate = createValidator(unchecked);

/** Returns what is wrong with some objects. */
const problemsOf = (where: string, all: readonly Manifest[], kept: readonly Rule[]): string[] =>
  [...all.flatMap(validate), ...kept.flatMap((rule) => rule(all))].map((problem) => `${where}: ${problem}`);

/** The chart has the version of the code, and its defaults are values that it accepts. */
const checkChart = (): string[] => {
  const chart = z
    .object({ version: z.string(), appVersion: z.string() })
    .parse(parse(read(join(chartDir, 'Chart.yaml'))));
  const version = currentVersion();
  const values = chartValues.safeParse(parse(read(join(chartDir, 'values.yaml'))));
  return [
    ...(chart.version === version && chart.appVersion === version
      ? []
      : [`Chart.yaml is not of version ${version}`]),
    ...(values.error?.issues ?? []).map(({ path, message }) => `values.yaml: ${path.join('.')}: ${message}`),
  ];
};

/** Every process has a value for each setting that has no default. */
const givesRequiredSettings: Rule = (all) => {
  const required = Object.entries(settings).flatMap(([name, { fallback }]) =>
    fallback === undefined ? [name] : [],
  );
  const facts = z
    .object({ processes: z.record(z.string(), z.object({ settings: z.array(z.string()) })) })
    .parse(parse(read(join(chartDir, 'files/processes.yaml'))));
  return Object.entries(facts.processes).flatMap(([name, { settings: reads }]) => {
    const config = all.find(
      ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === `rookery-${name}`,
    );
    const data = z.record(z.string(), z.string()).parse(config?.data ?? {});
    return required
      .filter((setting) => reads.includes(setting) && !data[setting])
      .map((setting) => `ConfigMap rookery-${name} has no ${setting}`);
  });
};

/** Each process has a Deployment, which a policy of the network and one of disruptions selects. */
const coversEveryProcess: Rule = (all) =>
  Object.keys(programs).flatMap((name) =>
    ['Deployment', 'Service', 'ServiceAccount', 'ConfigMap', 'NetworkPolicy', 'PodDisruptionBudget'].flatMap(
      (kind) =>
        all.some((of) => of.kind === kind && of.metadata.name === `rookery-${name}`)
          ? []
          : [`${name} has no ${kind}`],
    ),
  );

const images = /image: *"?([\w./-]+:[\w.-]+(?:@sha256:[0-9a-f]{64})?)/g;

/** Images of the examples are those of compose.yaml, to the digest. */
const checkImages = (where: string, text: string): string[] => {
  const known = new Set([...read(join(cloneDir, 'compose.yaml')).matchAll(images)].map(([, image]) => image));
  return [...text.matchAll(images)].flatMap(([, image]) =>
    known.has(image) ? [] : [`${where}: compose.yaml has no image ${image}`],
  );
};

/**
 * Checks what is committed, without helm: the files of the chart against the code, that the base is of this chart, and all
 * manifests against schemas and rules.
 */
export const checkCommitted = (): string[] => {
  const rendered = filesBelow(join(kustomizeDir, 'base'))
    .concat(filesBelow(join(kustomizeDir, 'components')))
    .filter(isManifest);
  const base = rendered.flatMap((path) => readManifests(read(path)));
  const examples = filesBelow(storesDir).filter(isManifest);
  return [
    ...driftOf(chartFiles()).map((path) => `${shown(path)} is out of step: run npm run deploy:generate`),
    ...checkChart(),
    ...(isBaseCurrent() ? [] : ['deploy/kustomize/base is not of this chart: run npm run deploy:generate']),
    ...problemsOf('deploy/kustomize', base, [...chartRules, givesRequiredSettings, coversEveryProcess]),
    ...rendered.flatMap((path) => checkImages(shown(path), read(path))),
    ...examples.flatMap((path) => [
      ...problemsOf(shown(path), readManifests(read(path)), rules),
      ...checkImages(shown(path), read(path)),
    ]),
  ];
};

/** Manifests, but not the lists of them that Kustomize reads. */
const isManifest = (path: string): boolean => path.endsWith('.yaml') && !path.endsWith('kustomization.yaml');

/** Values that the schema of the chart must refuse. */
const wrong: readonly string[] = [
  'settings.FEED_KAP=800',
  'settings.POSTGRES_URL=postgres://elsewhere',
  'stores.postgres.url=postgres://rookery:secret@db:5432/rookery',
  'gateway.replicas=-1',
  'gatway.replicas=3',
];

/** Checks what helm and kustomize make: the chart with several values, the base and the overlays. */
export const checkRendered = async (): Promise<string[]> => {
  const tools = await openDeployTools(console.error);
  tools.lintChart();
  const accepted = wrong.filter((set) => {
    try {
      tools.renderChart([], [set]);
      return true;
    } catch {
      return false;
    }
  });
  return [
    ...driftOf(renderBase(tools)).map(
      (path) => `${shown(path)} is not what the chart renders: run npm run deploy:generate`,
    ),
    ...accepted.map((set) => `the chart accepts ${set}`),
    ...Object.entries(variants).flatMap(([name, set]) =>
      problemsOf(`chart, ${name}`, readManifests(tools.renderChart([], set)), chartRules),
    ),
    ...['dev', 'production'].flatMap((name) => {
      const text = tools.buildOverlay(join(kustomizeDir, 'overlays', name));
      return problemsOf(`overlay ${name}`, readManifests(text), chartRules);
    }),
    ...problemsOf('deploy/stores', readManifests(tools.buildOverlay(storesDir)), rules),
  ];
};
