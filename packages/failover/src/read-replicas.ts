import type { CheckedSelection, ReadReplica, StandbyReplicaOptions } from './open-read-replicas.ts';

/** Consecutive checks in which the primary must be well and caught up before it is read again. */
const checksBeforeReturn = 3;

/**
 * Selects the replica to read: the primary while its documents and its Redis work. Without its documents the
 * standby; without its Redis also the standby, if that is complete and not behind, since the documents of the
 * primary can replace Redis. Returns to the primary once it works and has reached the position of the
 * standby.
 */
export const selectReplica = <R extends ReadReplica>({
  primary,
  standby,
  onFailover,
  onStandbyCheck,
  log,
}: StandbyReplicaOptions<R>): CheckedSelection<R> => {
  let current = primary;
  let goodChecks = 0;

  const position = ({ health }: R): number => health.progress?.upTo() ?? 0;
  const isUsable = (replica: R): boolean => {
    if (!replica.health.documents) return false;
    // A replica that was never filled is empty, which must not be taken for the truth.
    return replica === primary || position(replica) > 0;
  };
  const isBehind = (replica: R): boolean => replica !== primary && position(replica) < primary.health.highest;

  const moveTo = (replica: R, why: string): void => {
    log.warn({ from: current.name, to: replica.name, why }, 'failing over reads to another replica');
    current = replica;
    goodChecks = 0;
    onFailover(replica);
  };

  const whyLeavePrimary = (): string | undefined => {
    const { documents, redis } = primary.health;
    if (!isUsable(standby)) return undefined;
    if (!documents) return 'the documents of the primary are down';
    const canReplaceRedis = standby.health.redis && !isBehind(standby);
    return !redis && canReplaceRedis ? 'the Redis of the primary is down' : undefined;
  };
  const whyReturn = (): string | undefined => {
    if (!isUsable(standby) && primary.health.documents) return 'the standby is down';
    return goodChecks >= checksBeforeReturn ? 'the primary works and has caught up' : undefined;
  };
  const select = (): R => {
    const [next, why] = current === primary ? [standby, whyLeavePrimary()] : [primary, whyReturn()];
    if (why !== undefined) moveTo(next, why);
    return current;
  };

  return {
    get current() {
      return select();
    },
    failover(failed) {
      const next = select();
      if (next !== failed) return next;
      const other = failed === primary ? standby : primary;
      return isUsable(other) ? other : undefined;
    },
    isBehind,
    async check() {
      // The standby goes first, so that what the primary then says is not older.
      await standby.health.probe();
      await primary.health.probe();
      const isWell =
        primary.health.documents &&
        (primary.health.redis || !standby.health.redis) &&
        (position(primary) >= position(standby) || !standby.health.documents);
      goodChecks = isWell ? goodChecks + 1 : 0;
      onStandbyCheck(isUsable(standby));
      select();
    },
  };
};
