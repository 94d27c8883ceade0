import type { Logger } from '@rookery/service';
import type { Hints } from './hints.ts';
import type { QueryMetrics } from './metrics.ts';
import type { Place } from './place.ts';
import { switchHints } from './switch-hints.ts';

/** The primary, and the standby where there is one. */
export interface Places {
  /** Where reads begin at this moment. */
  readonly current: Place;
  /** Where a read that failed here may be tried: undefined where nothing is better. */
  instead(failed: Place): Place | undefined;
  /** Whether what is read here may be older than what has been read elsewhere. */
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

/** How often the places are looked at: always where there are two, else while something is wrong. Milliseconds. */
const lookEvery = 300;
/** Looks in a row at which the primary must have been well and caught up before it is read again. */
const looksBeforeReturn = 3;

/**
 * Decides where to read. The primary, as long as its documents and its Redis are well. Without its documents the
 * standby; without its Redis the standby too, if that is whole and not behind, for the primary's documents can make
 * up for Redis. Back again once the primary is well and has come as far as the standby.
 */
export const choosePlaces = ({ primary, standby, metrics, log }: PlacesOptions): Places => {
  let current = primary;
  let wellLooks = 0;
  const hints = switchHints(primary.hints);

  const usable = (place: Place): boolean => {
    const { documents, progress } = place.health;
    if (!documents) return false;
    // What has never been fed is empty, and must not be taken for true.
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
    metrics.moves.inc({ to: place.name });
    show();
    hints.use(place.hints);
  };
  const show = (): void => {
    for (const place of [primary, standby]) {
      if (place) metrics.place.set({ place: place.name }, place === current ? 1 : 0);
    }
  };

  const choose = (): Place => {
    if (!standby) return primary;
    if (current === primary) {
      if (!primary.health.documents) {
        if (usable(standby)) moveTo(standby, 'the documents of the primary are away');
      } else if (!primary.health.redis && usable(standby) && standby.health.redis && !isBehind(standby)) {
        moveTo(standby, 'the Redis of the primary is away');
      }
    } else if (!usable(standby) && primary.health.documents) moveTo(primary, 'the standby is away');
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
