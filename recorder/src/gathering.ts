import { setTimeout } from 'node:timers/promises';

/**
 * Time in which events are gathered, from the beginning of a batch to that of the next one, by the number of its events. A batch
 * costs a commit here and several in each projection, however small it is. An event that comes alone waits for nothing, since the
 * time runs from the batch before.
 */
const perEventMs = 8;
const maxMs = 25;
/** Number of events of a batch that is large enough without waiting. */
const plenty = 100;

/** Returns how long the next batch has to wait, in milliseconds since the beginning of a batch of this size. */
export const gatheringMs = (events: number): number =>
  events >= plenty ? 0 : Math.min(events * perEventMs, maxMs);

/**
 * Waits while further events gather. A stop waits as well, since this is short.
 * @param beganAt beginning of the last batch, as of `performance.now`
 */
export const gather = async (beganAt: number, events: number): Promise<void> => {
  const leftMs = beganAt + gatheringMs(events) - performance.now();
  if (leftMs > 0) await setTimeout(leftMs);
};
