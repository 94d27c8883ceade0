import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { watchAvailability } from './cluster/availability.ts';
import { openRelease, type Release } from './cluster/chart.ts';
import { type CustomMetrics, startCustomMetrics } from './cluster/custom-metrics.ts';
import { type Demand, startDemand } from './cluster/demand.ts';
import { followReplicas, type ReplicaHistory, turnsOf } from './cluster/replicas.ts';

/** Window of the test instead of ten minutes. */
const windowSeconds = 60;
const scaled = ['gateway', 'mutation', 'query'];
const windows = scaled.map((name) => `${name}.autoscaling.scaleDownWindowSeconds=${windowSeconds}`);
const values = [...windows, 'gateway.autoscaling.subscriptions=100'];
/** Long: autoscalers look every 15 s, at what was measured up to 15 s ago, and may double every 30 s. */
const scaleUp = { timeout: 300_000, interval: 500 };

const dir = mkdtempSync(join(tmpdir(), 'rookery-custom-metrics-'));
let release: Release;
let subscriptions: CustomMetrics;
let demand: Demand;
let replicas: ReplicaHistory;

beforeAll(async () => {
  release = await openRelease(inject('cluster'), 'scaling');
  subscriptions = await startCustomMetrics(release.api, { metric: 'rookery_gateway_subscriptions', dir });
  await release.install(...values);
  await release.settled();
  demand = await startDemand(release);
  replicas = await followReplicas(release);
});
afterAll(async () => {
  await replicas?.[Symbol.asyncDispose]();
  await demand?.[Symbol.asyncDispose]();
  await subscriptions?.[Symbol.asyncDispose]();
  await release?.[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true, force: true });
});

/** Half a core is requested by each gateway and query, and a quarter by each mutation; 70 % of it is the target. */
test('more use of processor time adds replicas of gateway and subgraphs, as many as it takes', async () => {
  demand.set('gateway', 1.9);
  demand.set('query', 1.9);
  demand.set('mutation', 0.8);
  await expect.poll(() => scaled.map(replicas.current), scaleUp).toEqual([6, 5, 6]);
});

test('a load that varies, or dips for less than the window, changes nothing', async () => {
  const before = scaled.map((name) => replicas.of(name).length);
  for (const share of [1.06, 0.94, 1.05, 0.6, 0.6, 1]) {
    demand.set('gateway', 1.9 * share);
    demand.set('query', 1.9 * share);
    demand.set('mutation', 0.8 * share);
    await setTimeout(15_000);
  }
  expect(scaled.map((name) => replicas.of(name).length)).toEqual(before);
});

test('an upgrade keeps the replicas that the autoscalers chose', async () => {
  const { fewestReady } = await watchAvailability(release, () =>
    release.upgrade(...values, 'image.tag=second'),
  );
  expect(scaled.map((name) => fewestReady[name])).toEqual([6, 5, 6]);
});

test('open subscriptions add gateways too', async () => {
  subscriptions.set(790);
  await expect.poll(() => replicas.current('gateway'), scaleUp).toBe(8);
});

test('less use removes them again, one after another, once the window has passed', async () => {
  const [before, at] = [replicas.of('gateway').length, performance.now()];
  subscriptions.set(10);
  for (const name of scaled) demand.set(name, 0.1);
  const changed = () => replicas.of('gateway').length > before;
  await expect.poll(changed, { timeout: 600_000, interval: 500 }).toBe(true);
  expect(performance.now() - at).toBeGreaterThan((windowSeconds - 15) * 1_000);
  await expect
    .poll(() => scaled.map(replicas.current), { timeout: 900_000, interval: 1_000 })
    .toEqual([3, 2, 3]);
  for (const name of scaled) {
    const down = replicas
      .of(name)
      .filter(({ replicas: count }, i, all) => count < (all[i - 1]?.replicas ?? 0));
    const gaps = down.slice(1).map(({ atMs }, i) => atMs - (down[i]?.atMs ?? 0));
    expect(Math.min(...gaps), `time between two ends of ${name}`).toBeGreaterThan(40_000);
    expect(turnsOf(replicas.of(name)), name).toBe(1);
  }
});
