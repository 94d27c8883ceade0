import { LRUCache } from 'lru-cache';

/**
 * Returns the time of a command of this actor: ISO 8601 in UTC with milliseconds, later than `after` (milliseconds
 * since the epoch) and than any time it returned for this actor before.
 */
export type Clock = (actor: string, after?: number) => string;

/** Actors whose last time is remembered. */
const cacheSize = 50_000;

/**
 * Creates a hybrid logical clock. Projections keep the newest of one actor's writes by (time, event id), and event ids
 * have no order: so no time repeats, and none depends on this process's clock alone. `after` is the actor's high-water
 * mark, which all replicas share (docs/adr/order-of-writes.md).
 */
export const createClock = (now: () => number = Date.now): Clock => {
  const latest = new LRUCache<string, number>({ max: cacheSize });
  return (actor, after = 0) => {
    const time = Math.max(now(), after + 1, (latest.get(actor) ?? 0) + 1);
    latest.set(actor, time);
    return new Date(time).toISOString();
  };
};
