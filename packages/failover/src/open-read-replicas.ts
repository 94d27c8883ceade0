import type { Logger } from '@rookery/runtime';

/** One set of stores to read from. All that belongs together is read from the same replica. */
export interface ReadReplica {
  readonly name: string;
  readonly health: ReplicaHealth;
}

interface ReplicaHealth {
  /** The documents answer, and hold what they have held. */
  readonly documents: boolean;
  /** True if Redis answers; false if there is none. */
  readonly redis: boolean;
  /** Progress at the last read; undefined before the first one. */
  readonly progress: { upTo(): number } | undefined;
  /** Highest progress that this replica has ever shown. */
  readonly highest: number;
  /** Asks these stores, so that an open breaker finds out when it may close. Never rejects. */
  probe(links?: { readonly documents: boolean; readonly redis: boolean }): Promise<void>;
}

/** The primary, and the standby if there is one. */
interface Selection<R> {
  /** Replica at which reads begin now. */
  readonly current: R;
  /** Returns the replica for a read that failed at another; undefined if none is better. */
  failover(failed: R): R | undefined;
  /** Returns whether reads at this replica may be older than reads at another one. */
  isBehind(replica: R): boolean;
}

export interface ReadReplicas<R> extends Selection<R> {
  close(): void;
}

/** A selection whose replicas are checked at intervals. */
export interface CheckedSelection<R> extends Selection<R> {
  check(): Promise<void>;
}

export interface StandbyReplicaOptions<R> {
  readonly primary: R;
  readonly standby: R;
  /** Called when reads fail over to this replica. */
  readonly onFailover: (to: R) => void;
  /** Called after each check with whether reads could go to the standby. */
  readonly onStandbyCheck: (isUsable: boolean) => void;
  readonly log: Logger;
}

/** Interval of checks: always if there are two replicas, otherwise only while something is wrong. */
const checkIntervalMs = 300;

const onlyReplica = <R extends ReadReplica>(primary: R): CheckedSelection<R> => ({
  current: primary,
  failover: () => undefined,
  isBehind: () => false,
  async check() {
    const { documents, redis } = primary.health;
    if (!documents || !redis) await primary.health.probe({ documents: !documents, redis: !redis });
  },
});

/** Selects the replica to read. The code for a standby is loaded only if there is one. */
export const openReadReplicas = async <R extends ReadReplica>(
  options: Omit<StandbyReplicaOptions<R>, 'standby'> & { readonly standby: R | undefined },
): Promise<ReadReplicas<R>> => {
  const { primary, standby, log } = options;
  const selection =
    standby === undefined
      ? onlyReplica(primary)
      : (await import('./read-replicas.ts')).selectReplica({ ...options, standby });
  let isChecking = false;
  const timer = setInterval(() => {
    if (isChecking) return;
    isChecking = true;
    void selection
      .check()
      .catch((error) => log.error({ error }, 'failed to check the read replicas'))
      .finally(() => {
        isChecking = false;
      });
  }, checkIntervalMs);
  timer.unref();
  return {
    get current() {
      return selection.current;
    },
    failover: selection.failover,
    isBehind: selection.isBehind,
    close: () => clearInterval(timer),
  };
};
