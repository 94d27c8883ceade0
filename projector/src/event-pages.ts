import type { EventStore } from '@rookery/event-store';
import { LRUCache } from 'lru-cache';
import { type ReadEvents, readEvents } from './rebuild/readable.ts';

/** Pages that are kept, and for how long. Projections that take turns are at most about two pages apart. */
const kept = { pages: 4, ms: 10_000 } as const;

/** Consecutive events of the event store. */
export interface EventPage extends ReadEvents {
  /** Position of the last one; undefined if the store has none. */
  readonly last: number | undefined;
}

/**
 * Reads events from the event store, each page once for all projections of a process that need it at about the same time: they are
 * given the same objects.
 */
export class EventPages {
  readonly #eventStore: Pick<EventStore, 'read'>;
  readonly #pages = new LRUCache<string, Promise<EventPage>>({
    max: kept.pages,
    ttl: kept.ms,
    ttlAutopurge: true,
  });

  constructor(eventStore: Pick<EventStore, 'read'>) {
    this.#eventStore = eventStore;
  }

  /**
   * Returns at most `max` events after a position.
   * @throws UnknownEventVersionError, since an unknown kind must never be skipped
   */
  read(after: number, max: number): Promise<EventPage> {
    const key = `${after} ${max}`;
    const known = this.#pages.get(key);
    if (known) return known;
    const page = this.#read(after, max);
    this.#pages.set(key, page);
    const forget = (): void => {
      if (this.#pages.peek(key) === page) this.#pages.delete(key);
    };
    // A page that failed, or of events that the store does not have yet, is read again the next time.
    page.then(({ last }) => {
      if (last === undefined) forget();
    }, forget);
    return page;
  }

  async #read(after: number, max: number): Promise<EventPage> {
    const stored = await this.#eventStore.read(after, max);
    return { last: stored.at(-1)?.position, ...readEvents(stored) };
  }
}
