import { LRUCache } from 'lru-cache';

/** The instant at which something by this actor is accepted: ISO 8601 in UTC with milliseconds. */
export type Clock = (actor: string) => string;

/** Actors remembered; one forgotten has been quiet for longer than a millisecond by far. */
const remembered = 50_000;

/**
 * A clock that never gives one actor the same instant twice, nor an earlier one. Projections keep the newest
 * writer by (time, event id), and ids made of idempotency keys have no order: a like and the unlike right behind it
 * must not fall into one millisecond, nor into a clock that was set back.
 */
export const createClock = (now: () => number = Date.now): Clock => {
  const latest = new LRUCache<string, number>({ max: remembered });
  return (actor) => {
    const at = Math.max(now(), (latest.get(actor) ?? 0) + 1);
    latest.set(actor, at);
    return new Date(at).toISOString();
  };
};
