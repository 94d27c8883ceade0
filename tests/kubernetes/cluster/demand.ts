import { setTimeout } from 'node:timers/promises';
import type { Release } from './chart.ts';
import { isReady, processOf } from './objects.ts';

/** Processor time that the requests of clients need, which a process shares among its pods. */
export interface Demand extends AsyncDisposable {
  /** Sets the number of processor cores that all pods of a process need together. */
  set(process: string, cores: number): void;
}

/** Interval at which the use of each pod is set again, as pods come and go. */
const intervalMs = 2_000;

/** metrics-server drops pods that use no memory. */
const usage = (cpu: string) => ({ cpu: { value: cpu }, memory: { value: '100Mi' } });

/**
 * Plays the load of a release: kwok reports to metrics-server that each pod uses its share of the demand. The share of a pod
 * sinks when another one becomes ready, so that the loop from use to replicas is closed, as it is in production.
 */
export const startDemand = async ({ api, namespace, pods }: Release): Promise<Demand> => {
  const demand = new Map<string, number>();
  const path = '/apis/kwok.x-k8s.io/v1alpha1/clusterresourceusages';
  const usages = async () => {
    const ready = (await pods()).filter(isReady);
    return [...demand].map(([process, cores]) => {
      const share = cores / Math.max(1, ready.filter((pod) => processOf(pod) === process).length);
      return { containers: [process], usage: usage(`${Math.round(share * 1_000)}m`) };
    });
  };
  const rest = { usage: usage('1m') };
  await api.create({
    apiVersion: 'kwok.x-k8s.io/v1alpha1',
    kind: 'ClusterResourceUsage',
    metadata: { name: namespace },
    spec: { selector: { matchNamespaces: [namespace] }, usages: [rest] },
  });
  const stop = new AbortController();
  const loop = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await api.patch(`${path}/${namespace}`, { spec: { usages: [...(await usages()), rest] } });
      await setTimeout(intervalMs, undefined, { signal: stop.signal }).catch(() => {});
    }
  };
  const running = loop();
  // Its error is thrown when it is disposed of.
  running.catch(() => {});
  return {
    set: (process, cores) => {
      demand.set(process, cores);
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await running;
    },
  };
};
