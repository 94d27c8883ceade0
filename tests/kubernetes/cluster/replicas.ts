import type { Release } from './chart.ts';
import { type Deployment, processOf } from './objects.ts';

/** Replicas that a process was set to, one after another, and the time since the start of the watch. */
export interface ReplicaChange {
  readonly replicas: number;
  readonly atMs: number;
}

export interface ReplicaHistory extends AsyncDisposable {
  /** Returns the changes of a process since the watch began, the first of which is its state then. */
  of(process: string): readonly ReplicaChange[];
  /** Returns the replicas that a process is set to now. */
  current(process: string): number | undefined;
}

/** Follows the replicas that autoscalers set. */
export const followReplicas = async ({ api, pathOf }: Release): Promise<ReplicaHistory> => {
  const changes = new Map<string, ReplicaChange[]>();
  const start = performance.now();
  const stop = new AbortController();
  const seen = Promise.withResolvers<void>();
  const watch = api.follow<Deployment>(pathOf('/apis/apps/v1', 'deployments'), stop.signal, (all) => {
    for (const each of all) {
      const history = changes.get(processOf(each)) ?? [];
      changes.set(processOf(each), history);
      if (history.at(-1)?.replicas !== each.spec.replicas)
        history.push({ replicas: each.spec.replicas, atMs: Math.round(performance.now() - start) });
    }
    seen.resolve();
  });
  watch.catch(seen.reject);
  await seen.promise;
  return {
    of: (process) => changes.get(process) ?? [],
    current: (process) => changes.get(process)?.at(-1)?.replicas,
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await watch;
    },
  };
};

/** Returns how often the replicas turned from growing to shrinking or back: one load that rises and falls once has one turn. */
export const turnsOf = (changes: readonly ReplicaChange[]): number => {
  const directions = changes
    .slice(1)
    .map(({ replicas }, i) => Math.sign(replicas - (changes[i]?.replicas ?? replicas)));
  return directions.slice(1).filter((direction, i) => direction !== directions[i]).length;
};
