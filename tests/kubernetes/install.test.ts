import { join } from 'node:path';
import { kustomizeDir, openDeployTools, readManifests, storesDir, variants } from '@rookery/deploy';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { until } from '../support/eventually.ts';
import { defaultReplicas, openRelease, type Release } from './cluster/chart.ts';
import { startDemand } from './cluster/demand.ts';
import {
  type Autoscaler,
  isTrue,
  type KubeObject,
  type Pod,
  processOf,
  readyEndpoints,
  type Secret,
} from './cluster/objects.ts';

const keySecrets = ['rookery-cursor', 'rookery-gateway-key', 'rookery-registry-key', 'rookery-token-key'];

interface Job extends KubeObject {
  readonly status: { readonly succeeded?: number; readonly completionTime?: string };
}

let release: Release;
let warnings: string;
let pods: readonly Pod[];

beforeAll(async () => {
  release = await openRelease(inject('cluster'), 'install');
  warnings = await release.install();
  pods = await release.settled();
});
afterAll(async () => {
  await release?.[Symbol.asyncDispose]();
});

test('the API server accepts the chart without a warning', () => {
  expect(warnings).toBe('');
});

test('each process has its replicas, on nodes and in zones of their own', () => {
  const placed = Map.groupBy(pods, processOf);
  expect(Object.fromEntries([...placed].map(([name, all]) => [name, all.length]).toSorted())).toEqual(
    defaultReplicas,
  );
  for (const [name, all] of placed) {
    const nodes = all.map(({ spec }) => spec.nodeName ?? '');
    const zones = nodes.map((node) => Number(node.replace('node-', '')) % 3);
    expect(new Set(nodes).size, `nodes of ${name}`).toBe(all.length);
    expect(new Set(zones).size, `zones of ${name}`).toBe(all.length);
  }
});

test('the migration ended before any process was created', async () => {
  const [job] = await release.api.list<Job>(release.pathOf('/apis/batch/v1', 'jobs'));
  expect(job?.status.succeeded).toBe(1);
  for (const { metadata } of await release.deployments())
    expect(Date.parse(metadata.creationTimestamp ?? '')).toBeGreaterThanOrEqual(
      Date.parse(job?.status.completionTime ?? ''),
    );
});

test('each process has a budget that allows one disruption, and its Service has its pods', async () => {
  interface Budget extends KubeObject {
    readonly status: { readonly disruptionsAllowed: number; readonly expectedPods: number };
  }
  const counts = async () => {
    const budgets = await release.api.list<Budget>(release.pathOf('/apis/policy/v1', 'poddisruptionbudgets'));
    return Object.fromEntries(
      budgets.map((each) => [processOf(each), [each.status.disruptionsAllowed, each.status.expectedPods]]),
    );
  };
  const expected = Object.fromEntries(
    Object.entries(defaultReplicas).map(([name, count]) => [name, [1, count]]),
  );
  await expect.poll(counts).toEqual(expected);
  const endpoints = async () => {
    const slices = await release.endpoints();
    return Object.fromEntries(slices.map((slice) => [processOf(slice), readyEndpoints(slice)]));
  };
  await expect.poll(endpoints).toEqual(defaultReplicas);
});

test('the autoscalers know their targets, and read their use of processor time', async () => {
  await using _demand = await startDemand(release);
  const autoscalers = () =>
    release.api.list<Autoscaler>(release.pathOf('/apis/autoscaling/v2', 'horizontalpodautoscalers'));
  const working = await until(
    'every autoscaler is active',
    async () => {
      const all = await autoscalers();
      const active = all.filter(({ status }) =>
        ['AbleToScale', 'ScalingActive'].every((type) => isTrue(status.conditions, type)),
      );
      return active.length === all.length && all;
    },
    180_000,
  );
  expect(working.map(processOf).toSorted()).toEqual(['gateway', 'mutation', 'query']);
});

const secretsOf = async (): Promise<Record<string, unknown>> => {
  const all = await release.api.list<Secret>(release.pathOf('/api/v1', 'secrets'));
  return Object.fromEntries(
    all
      .filter(({ metadata }) => keySecrets.includes(metadata.name))
      .map(({ metadata, data }) => [metadata.name, data])
      .toSorted(),
  );
};

test('an upgrade to the same values replaces no pod and no key', async () => {
  const before = await secretsOf();
  expect(Object.keys(before)).toEqual(keySecrets);
  expect(await release.upgrade()).toBe('');
  expect(await secretsOf()).toEqual(before);
  const names = (all: readonly Pod[]) => all.map(({ metadata }) => metadata.name).toSorted();
  expect(names(await release.settled())).toEqual(names(pods));
});

test.each(Object.keys(variants))('the API server accepts the chart to the last field: %s', async (name) => {
  const { renderChart } = await openDeployTools(console.log);
  await acceptsAll(renderChart([], variants[name]));
});

test.each(['dev', 'production'])('the API server accepts the overlay %s', async (name) => {
  const { buildOverlay } = await openDeployTools(console.log);
  await acceptsAll(buildOverlay(join(kustomizeDir, 'overlays', name)));
});

/** Kinds of operators whose definitions no Go module has here. */
const ofOperators = ['Cluster', 'MongoDBCommunity'];

test('the API server accepts the examples of stores', async () => {
  const { buildOverlay } = await openDeployTools(console.log);
  await acceptsAll(buildOverlay(storesDir), ofOperators);
});

/** Asks for each object, in a namespace that has no objects of these names. */
const acceptsAll = async (yaml: string, except: readonly string[] = []): Promise<void> => {
  const objects = readManifests(yaml).filter(({ kind }) => !except.includes(kind));
  expect(objects.length).toBeGreaterThan(0);
  for (const object of objects) {
    const { namespace: _, ...metadata } = object.metadata;
    const asked = { ...object, metadata: { ...metadata, name: `dry-${metadata.name}` } };
    const said = await release.api.create(asked, { namespace: release.namespace, dryRun: true });
    expect(said, `${object.kind} ${metadata.name}`).toEqual([]);
  }
};

test('removing the release leaves the keys alone', async () => {
  await release.uninstall();
  const left = await Promise.all([
    release.deployments(),
    release.api.list(release.pathOf('/api/v1', 'services')),
    release.api.list(release.pathOf('/apis/policy/v1', 'poddisruptionbudgets')),
  ]);
  expect(left.flat()).toEqual([]);
  expect(Object.keys(await secretsOf())).toEqual(keySecrets);
});
