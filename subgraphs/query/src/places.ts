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
export const choosePlaces = (options: PlacesOptions): Places => new PlaceSelector(options);

/** Returns the position that the projections of a replica have reached, as last seen. */
const positionOf = ({ health }: Place): number => health.progress?.upTo() ?? 0;

class PlaceSelector implements Places {
  readonly all: readonly Place[];
  readonly hints: ReturnType<typeof switchHints>;
  readonly #options: PlacesOptions;
  readonly #timer: NodeJS.Timeout;
  #current: Place;
  /** Number of consecutive checks at which the primary was well and had caught up. */
  #wellLooks = 0;
  #isLooking = false;

  constructor(options: PlacesOptions) {
    const { primary, standby } = options;
    this.#options = options;
    this.#current = primary;
    this.all = standby ? [primary, standby] : [primary];
    this.hints = switchHints(primary.hints);
    this.#show();
    this.#timer = setInterval(() => this.#lookUnlessLooking(), lookEvery);
    this.#timer.unref();
  }

  get current(): Place {
    const target = this.#findBetter();
    if (target) this.#moveTo(target.place, target.why);
    return this.#current;
  }

  instead(failed: Place): Place | undefined {
    const { primary, standby } = this.#options;
    const next = this.current;
    if (next !== failed) return next;
    const other = failed === primary ? standby : primary;
    return other && this.#isUsable(other) ? other : undefined;
  }

  isBehind(place: Place): boolean {
    const { primary } = this.#options;
    return place !== primary && positionOf(place) < primary.health.highest;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Returns the replica to move reads to; undefined if they stay. */
  #findBetter(): { readonly place: Place; readonly why: string } | undefined {
    const { primary, standby } = this.#options;
    if (!standby) return undefined;
    if (this.#current === primary) {
      const why = this.#whyLeavePrimary(standby);
      return why === undefined ? undefined : { place: standby, why };
    }
    if (!this.#isUsable(standby) && primary.health.documents)
      return { place: primary, why: 'the standby is down' };
    if (this.#wellLooks >= looksBeforeReturn) return { place: primary, why: 'it is well and has caught up' };
    return undefined;
  }

  #whyLeavePrimary(standby: Place): string | undefined {
    const { documents, redis } = this.#options.primary.health;
    if (!this.#isUsable(standby)) return undefined;
    if (!documents) return 'the documents of the primary are down';
    const canReplaceRedis = standby.health.redis && !this.isBehind(standby);
    return !redis && canReplaceRedis ? 'the Redis of the primary is down' : undefined;
  }

  #isUsable(place: Place): boolean {
    if (!place.health.documents) return false;
    // A replica that was never filled is empty, which must not be taken for the truth.
    return place === this.#options.primary || positionOf(place) > 0;
  }

  #moveTo(place: Place, why: string): void {
    const { log, metrics } = this.#options;
    if (this.#current === place) return;
    log.warn({ from: this.#current.name, to: place.name, why }, 'reads move');
    this.#current = place;
    this.#wellLooks = 0;
    metrics.failovers.inc({ to: place.name });
    this.#show();
    this.hints.use(place.hints);
  }

  #show(): void {
    for (const place of this.all)
      this.#options.metrics.currentReplica.set({ replica: place.name }, place === this.#current ? 1 : 0);
  }

  #lookUnlessLooking(): void {
    if (this.#isLooking) return;
    this.#isLooking = true;
    void this.#look()
      .catch((error) => this.#options.log.error({ error }, 'failed to check the read replicas'))
      .finally(() => {
        this.#isLooking = false;
      });
  }

  async #look(): Promise<void> {
    const { primary, standby } = this.#options;
    if (standby) return this.#lookAtBoth(primary, standby);
    const { documents, redis } = primary.health;
    if (!documents || !redis) await primary.health.probe({ documents: !documents, redis: !redis });
  }

  /** The standby is looked at first: so what the primary then says is not older. */
  async #lookAtBoth(primary: Place, standby: Place): Promise<void> {
    await standby.health.probe();
    await primary.health.probe();
    const isWell =
      primary.health.documents &&
      (primary.health.redis || !standby.health.redis) &&
      (positionOf(primary) >= positionOf(standby) || !standby.health.documents);
    this.#wellLooks = isWell ? this.#wellLooks + 1 : 0;
    this.#options.metrics.standbyUsable.set(this.#isUsable(standby) ? 1 : 0);
    const target = this.#findBetter();
    if (target) this.#moveTo(target.place, target.why);
  }
}
