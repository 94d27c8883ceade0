import type { Logger } from '@rookery/runtime';
import type { Hints } from './hints.ts';
import type { QueryMetrics } from './metrics.ts';
import type { Place } from './place.ts';
import { switchHints } from './switch-hints.ts';

/** The primary, and the standby if there is one. */
export interface Places {
  /** Replica at which reads begin now. */
  readonly current: Place;
  /** Returns the replica for a read that failed at another; undefined if none is better. */
  instead(failed: Place): Place | undefined;
  /** Returns whether reads at this replica may be older than reads at another one. */
  isBehind(place: Place): boolean;
  readonly all: readonly Place[];
  /** Those of the place that is read from, wherever that is. */
  readonly hints: Hints;
  close(): void;
}

export interface PlacesOptions {
  readonly primary: Place;
  readonly standby?: Place | undefined;
  readonly metrics: QueryMetrics;
  readonly log: Logger;
}

/**
 * Interval of health checks: always if there are two replicas, otherwise only while something is wrong.
 * Milliseconds.
 */
const lookEvery = 300;
/** Looks in a row at which the primary must have been well and caught up before it is read again. */
const looksBeforeReturn = 3;

/**
 * Selects the replica to read: the primary while its documents and its Redis work. Without its documents the
 * standby; without its Redis also the standby, if that is complete and not behind, since the documents of the
 * primary can replace Redis. Returns to the primary once it works and has reached the position of the
 * standby.
 */
export const choosePlaces = ({ primary, standby, metrics, log }: PlacesOptions): Places => {
  let current = primary;
  let wellLooks = 0;
  const hints = switchHints(primary.hints);

  const usable = (place: Place): boolean => {
    const { documents, progress } = place.health;
    if (!documents) return false;
    // A replica that was never filled is empty, which must not be taken for the truth.
    return place === primary || ((progress?.upTo() ?? 0) > 0 && progress !== undefined);
  };
  const isBehind = (place: Place): boolean => {
    if (place === primary) return false;
    return (place.health.progress?.upTo() ?? 0) < primary.health.highest;
  };

  const moveTo = (place: Place, why: string): void => {
    if (current === place) return;
    log.warn({ from: current.name, to: place.name, why }, 'reads move');
    current = place;
    wellLooks = 0;
    metrics.failovers.inc({ to: place.name });
    show();
    hints.use(place.hints);
  };
  const show = (): void => {
    for (const place of [primary, standby]) {
      if (place) metrics.currentReplica.set({ replica: place.name }, place === current ? 1 : 0);
    }
  };

  const choose = (): Place => {
    if (!standby) return primary;
    if (current === primary) {
      if (!primary.health.documents) {
        if (usable(standby)) moveTo(standby, 'the documents of the primary are down');
      } else if (!primary.health.redis && usable(standby) && standby.health.redis && !isBehind(standby)) {
        moveTo(standby, 'the Redis of the primary is down');
      }
    } else if (!usable(standby) && primary.health.documents) moveTo(primary, 'the standby is down');
    else if (wellLooks >= looksBeforeReturn) moveTo(primary, 'it is well and has caught up');
    return current;
  };

  /** The standby is looked at first: so what the primary then says is not older. */
  const look = async (): Promise<void> => {
    if (!standby) {
      const { documents, redis } = primary.health;
      if (!documents || !redis) await primary.health.probe({ documents: !documents, redis: !redis });
      return;
    }
    await standby.health.probe();
    await primary.health.probe();
    const far = (place: Place): number => place.health.progress?.upTo() ?? 0;
    const well =
      primary.health.documents &&
      (primary.health.redis || !standby.health.redis) &&
      (far(primary) >= far(standby) || !standby.health.documents);
    wellLooks = well ? wellLooks + 1 : 0;
    metrics.standbyUsable.set(usable(standby) ? 1 : 0);
    choose();
  };

  show();
  let looking = false;
  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    void look()
      .catch((error) => log.error({ error }, 'the places could not be looked at'))
      .finally(() => {
        looking = false;
      });
  }, lookEvery);
  timer.unref();

  return {
    get current() {
      return choose();
    },
    instead(failed) {
      const next = choose();
      if (next !== failed) return next;
      const other = failed === primary ? standby : primary;
      return other && usable(other) ? other : undefined;
    },
    isBehind,
    all: standby ? [primary, standby] : [primary],
    hints,
    close: () => clearInterval(timer),
  };
};
