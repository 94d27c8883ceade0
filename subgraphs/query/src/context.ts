import type { SubscriptionContext } from '@rookery/graphql-server/subscribe';
import { type Allowance, createAllowance } from './answer-size/allowance.ts';
import { createLoaders, type Loaders } from './loaders.ts';
import type { Progress } from './progress.ts';
import type { QueryReplica } from './query-replica.ts';
import type { Reader } from './read-store.ts';
import { createCalls, createReader } from './reader.ts';
import type { Sources } from './sources.ts';

export interface QueryContext extends SubscriptionContext {
  readonly sources: Sources;
  /** Returns the replica that this request reads: the primary, or the standby while the primary is down. */
  replica(): QueryReplica;
  /** The documents, behind the barrier of the viewer's own writes. */
  readonly reader: Reader;
  readonly loaders: Loaders;
  /** Bytes that the answer may still hold. */
  readonly allowance: Allowance;
  /**
   * Returns the progress of the projections, after the same barrier, and forgets what was loaded before: it may lack
   * events that the progress includes.
   */
  progress(): Promise<Progress>;
  /** Does the same without a round trip if the projector has told it: for live delivery, which a hint has woken. */
  latestProgress(): Promise<Progress>;
  /** Repeats a read that began at one replica and ended at another, since their progress differs. */
  onOneReplica<T>(read: () => Promise<T>): Promise<T>;
  /** Returns whether reads here may be older than earlier reads. */
  isBehind(): boolean;
  /** Waits for one more activity, and forgets what was loaded before it. */
  waitFor(activity: string): Promise<void>;
  /** Forgets what was loaded. */
  forget(): void;
  /** That, and reads from where it is best read by now: for each live event. */
  renew(): void;
}

/** Maximum number of repetitions of a read that fails over. */
const maxFailovers = 3;

/** The context of one request, or of one subscription. */
export const createContext = (base: SubscriptionContext, sources: Sources): QueryContext => {
  const { replicas, metrics } = sources;
  let replica = replicas.current;
  let barriers = new Map<QueryReplica, Promise<void>>();

  const { responseExtensions } = base;

  const stale = (): void => {
    if (responseExtensions.markStale()) metrics.stale.inc();
  };
  const noteAge = (): void => {
    if (replicas.isBehind(replica)) stale();
  };
  const failOver = (from: QueryReplica): boolean => {
    if (replica !== from) return true;
    const next = replicas.failover(from);
    if (!next) return false;
    replica = next;
    return true;
  };
  const calls = createCalls({ replica: () => replica, failOver, log: base.log });

  const wait = async (at: QueryReplica, activities: readonly string[]): Promise<void> => {
    try {
      if (!(await at.readAfter.wait(activities))) stale();
    } catch (error) {
      // With another replica, its barrier applies; otherwise the read returns what is available.
      if (replicas.failover(at)) throw error;
      stale();
    }
  };
  const caughtUp = () => {
    const at = replica;
    const barrier = barriers.get(at) ?? wait(at, base.readAfter);
    barriers.set(at, barrier);
    return barrier;
  };
  const reader = createReader(calls, {
    before: async () => {
      await caughtUp();
      noteAge();
    },
    traceparent: base.traceparent,
  });
  const loaders = createLoaders(reader, base.viewer);
  const progressBy = (ask: (at: QueryReplica) => Promise<Progress>) => () =>
    calls(async (at) => {
      await caughtUp();
      const progress = await ask(at);
      at.health.demandWhole();
      noteAge();
      loaders.reset();
      return progress;
    });
  const renew = () => {
    loaders.reset();
    if (replica === replicas.current) return;
    replica = replicas.current;
    barriers = new Map();
  };
  return {
    ...base,
    sources,
    replica: () => replica,
    reader,
    loaders,
    allowance: createAllowance(),
    progress: progressBy((at) => at.progress.read()),
    latestProgress: progressBy((at) => at.progress.latest()),
    async onOneReplica(read) {
      for (let failovers = 0; ; failovers++) {
        const at = replica;
        const found = await read();
        if (replica === at || failovers >= maxFailovers) return found;
        loaders.reset();
      }
    },
    isBehind: () => replicas.isBehind(replica),
    async waitFor(activity) {
      await calls(caughtUp);
      // A request whose wait has timed out once does not wait again: the response is stale in any case.
      if (!responseExtensions.isStale) await calls((at) => wait(at, [activity]));
      loaders.reset();
    },
    forget: loaders.reset,
    renew,
  };
};

export { viewerOf } from '@rookery/graphql-server';
