import { setTimeout } from 'node:timers/promises';
import type { Api } from './api.ts';
import type { Pod } from './objects.ts';

export interface Drained {
  readonly evicted: number;
  /** Number of evictions that the API server refused, because a budget allowed none. */
  readonly refused: number;
}

/** Wait of `kubectl drain` before it asks again; shorter, as kwok's pods are. */
const retryMs = 500;

/** Evicts a pod. @returns how often the API server refused it, because a budget allowed none */
export const evict = async (api: Api, { metadata }: Pod): Promise<number> => {
  const path = `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}/eviction`;
  const { name, namespace } = metadata;
  for (let refused = 0; ; refused++) {
    const { status, body } = await api.send('POST', path, {
      body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } },
    });
    if (status === 404 || status < 300) return refused;
    if (status !== 429) throw new Error(`eviction of ${name}: ${status} ${JSON.stringify(body)}`);
    await setTimeout(retryMs);
  }
};

/** Does what `kubectl drain` does: closes a node to new pods, and evicts all of its pods at once, again while budgets refuse. */
export const drainNode = async (api: Api, node: string): Promise<Drained> => {
  await api.patch(`/api/v1/nodes/${node}`, { spec: { unschedulable: true } });
  const pods = await api.list<Pod>(`/api/v1/pods?fieldSelector=spec.nodeName=${node},status.phase=Running`);
  const refused = await Promise.all(pods.map((pod) => evict(api, pod)));
  return { evicted: pods.length, refused: refused.reduce((sum, each) => sum + each, 0) };
};
