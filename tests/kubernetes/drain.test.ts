import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { watchAvailability } from './cluster/availability.ts';
import { defaultPods, defaultReplicas, openRelease, type Release } from './cluster/chart.ts';
import { createAndWait } from './cluster/define.ts';
import { type Drained, drainNode, evict } from './cluster/drain.ts';
import { brokenTag, nodeOf } from './cluster/nodes.ts';
import { isReady, type Pod, processOf } from './cluster/objects.ts';

/** Nodes that only this release may use. */
const pool = 'drained';
const [full, empty] = ['drained-0', 'drained-1'];

/** Values by which all pods run in the pool. */
const inPool = Object.keys(defaultReplicas).flatMap((name) => [
  `${name}.nodeSelector.pool=${pool}`,
  `${name}.tolerations[0].key=pool`,
  `${name}.tolerations[0].operator=Exists`,
]);

let release: Release;

const addNode = async (name: string): Promise<void> => {
  const node = nodeOf(name, 'zone-0');
  const added = {
    ...node,
    metadata: { ...node.metadata, labels: { ...node.metadata.labels, pool } },
    spec: { taints: [{ key: 'pool', value: pool, effect: 'NoSchedule' }] },
  };
  await createAndWait(release.api, added, 'Ready');
};

const nodesOf = (pods: readonly Pod[]): string[] => [...new Set(pods.map(({ spec }) => spec.nodeName ?? ''))];

beforeAll(async () => {
  release = await openRelease(inject('cluster'), 'drain');
  await addNode(full);
  await release.install(...inPool);
  expect(nodesOf(await release.settled())).toEqual([full]);
  await addNode(empty);
});
afterAll(async () => {
  await release?.[Symbol.asyncDispose]();
});

test('the drain of a node with all replicas takes one of each process at a time', async () => {
  let drained: Drained | undefined;
  const { fewestReady } = await watchAvailability(release, async () => {
    drained = await drainNode(release.api, full);
    await release.settled();
  });
  expect(drained?.evicted).toBe(defaultPods);
  expect(drained?.refused, 'evictions that a budget refused').toBeGreaterThan(0);
  for (const [name, count] of Object.entries(defaultReplicas))
    expect(fewestReady[name], name).toBe(count - 1);
  expect(nodesOf(await release.pods())).toEqual([empty]);
});

test('a pod that is not ready does not hold up a drain', async () => {
  await expect(release.upgradeWithin('20s', ...inPool, `query.image.tag=${brokenTag}`)).rejects.toThrow();
  const queries = (await release.pods()).filter((pod) => processOf(pod) === 'query');
  const broken = queries.find((pod) => !isReady(pod));
  if (broken === undefined) throw new Error('all pods of query are ready');
  expect(await evict(release.api, broken)).toBe(0);
  expect(queries.filter(isReady).length).toBe(defaultReplicas.query);
});
