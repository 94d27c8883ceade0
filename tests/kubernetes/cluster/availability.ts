import { podsOfProcesses, type Release } from './chart.ts';
import {
  type EndpointSlice,
  isReady,
  type KubeObject,
  type Pod,
  processOf,
  readyEndpoints,
} from './objects.ts';

/** Extremes of each process over a watch. */
export interface Availability {
  /** Fewest pods that were ready at the same time. */
  readonly fewestReady: Readonly<Record<string, number>>;
  /** Fewest addresses that its Service had at the same time. */
  readonly fewestEndpoints: Readonly<Record<string, number>>;
  /** Most pods at the same time, ready or not. */
  readonly mostPods: Readonly<Record<string, number>>;
}

/** Counts some objects by process. */
const countBy = <T extends KubeObject>(
  objects: readonly T[],
  size: (object: T) => number,
): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const object of objects)
    counts.set(processOf(object), (counts.get(processOf(object)) ?? 0) + size(object));
  return counts;
};

/** Extreme of the counts of each process over time; a process that is missing counts 0. */
const createExtremes = (better: (a: number, b: number) => number) => {
  const extremes: Record<string, number> = {};
  return {
    extremes,
    see: (counts: ReadonlyMap<string, number>): void => {
      for (const name of new Set([...Object.keys(extremes), ...counts.keys()]))
        extremes[name] = better(extremes[name] ?? counts.get(name) ?? 0, counts.get(name) ?? 0);
    },
  };
};

/**
 * Watches the pods and the endpoints of a release while `act` runs: each change that the API server reports, not only what
 * somebody who asks now and then would see.
 */
export const watchAvailability = async (
  { api, pathOf }: Release,
  act: () => Promise<unknown>,
): Promise<Availability> => {
  const ready = createExtremes(Math.min);
  const endpoints = createExtremes(Math.min);
  const pods = createExtremes(Math.max);
  const stop = new AbortController();
  const watches = Promise.all([
    api.follow<Pod>(pathOf('/api/v1', podsOfProcesses), stop.signal, (all) => {
      ready.see(countBy(all, (pod) => (isReady(pod) ? 1 : 0)));
      pods.see(countBy(all, () => 1));
    }),
    api.follow<EndpointSlice>(pathOf('/apis/discovery.k8s.io/v1', 'endpointslices'), stop.signal, (all) =>
      endpoints.see(countBy(all, readyEndpoints)),
    ),
  ]);
  try {
    // A watch that breaks would have missed something.
    await Promise.race([act(), watches.then(() => Promise.reject(new Error('the watches ended')))]);
  } finally {
    stop.abort();
  }
  await watches;
  return {
    fewestReady: ready.extremes,
    fewestEndpoints: endpoints.extremes,
    mostPods: pods.extremes,
  };
};
