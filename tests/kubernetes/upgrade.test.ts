import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { watchAvailability } from './cluster/availability.ts';
import { defaultPods, defaultReplicas, openRelease, type Release } from './cluster/chart.ts';
import { brokenTag } from './cluster/nodes.ts';
import { type Pod, processOf } from './cluster/objects.ts';
import { followReplicas } from './cluster/replicas.ts';

let release: Release;

beforeAll(async () => {
  release = await openRelease(inject('cluster'), 'upgrade');
  await release.install('image.tag=first');
  await release.settled();
});
afterAll(async () => {
  await release?.[Symbol.asyncDispose]();
});

const imagesOf = (pods: readonly Pod[]): string[] => [
  ...new Set(pods.flatMap(({ spec }) => spec.containers.map(({ image }) => image))),
];

/** One pod more than before, at most, and never one fewer that serves. */
const expectUninterrupted = ({
  fewestReady,
  fewestEndpoints,
  mostPods,
}: Awaited<ReturnType<typeof watchAvailability>>): void => {
  expect(fewestReady).toMatchObject(defaultReplicas);
  expect(fewestEndpoints).toMatchObject(defaultReplicas);
  // The pods that end take a while to do so.
  for (const [name, count] of Object.entries(defaultReplicas))
    expect(mostPods[name], name).toBeLessThanOrEqual(2 * count + 1);
};

test('an upgrade replaces every pod, and no process has fewer replicas at any moment', async () => {
  const seen = await watchAvailability(release, async () => {
    await release.upgrade('image.tag=second');
    await release.settled();
  });
  expect(imagesOf(await release.pods())).toEqual(['rookery:second']);
  expectUninterrupted(seen);
});

test('a rollback does the same', async () => {
  const seen = await watchAvailability(release, async () => {
    await release.rollback();
    await release.settled();
  });
  expect(imagesOf(await release.pods())).toEqual(['rookery:first']);
  expectUninterrupted(seen);
});

test('a step of an upgrade restarts only the process whose image changes', async () => {
  const before = new Map((await release.pods()).map((pod) => [pod.metadata.name, pod]));
  await release.upgrade('image.tag=first', 'projector.image.tag=second');
  const after = await release.settled();
  const replaced = after.filter(({ metadata }) => !before.has(metadata.name));
  expect(replaced.map(processOf)).toEqual(['projector', 'projector']);
});

test('autoscaling that is switched on later leaves one replica, until it sets its least', async () => {
  await release.upgrade('image.tag=first', 'gateway.autoscaling.enabled=false', 'gateway.replicas=4');
  await release.settled(defaultPods + 1);
  await using history = await followReplicas(release);
  await release.upgrade('image.tag=first');
  await release.settled();
  const [, fallen, risen] = history.of('gateway');
  expect(history.of('gateway').map((each) => each.replicas)).toEqual([4, 1, 3]);
  const ms = (risen?.atMs ?? 0) - (fallen?.atMs ?? 0);
  console.log(`the gateway had one replica for ${(ms / 1_000).toFixed(1)} s`);
  expect(ms).toBeLessThan(60_000);
});

test('a version that never becomes ready takes no replica away, and a rollback removes it', async () => {
  const seen = await watchAvailability(release, async () => {
    const broken = ['image.tag=first', `query.image.tag=${brokenTag}`];
    await expect(release.upgradeWithin('30s', ...broken)).rejects.toThrow(/timed out|deadline/);
    await release.rollback();
    await release.settled();
  });
  expect(seen.fewestReady).toMatchObject(defaultReplicas);
  expect(imagesOf(await release.pods())).toEqual(['rookery:first']);
});
