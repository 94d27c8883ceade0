import { setTimeout } from 'node:timers/promises';

/**
 * Time in which events are gathered, from the beginning of a batch to that of the next one, for each event of the first. A batch
 * costs a commit here and several in each projection, however small it is. An event that comes alone waits for nothing, since the
 * time runs from the batch before.
 *
 * With few events the time is short. From 125 events per second each batch makes the next one larger, up to `maxMs`: then the CPU
 * time of a batch counts for more than the time that an event waits (docs/adr/gathering.md).
 */
const perEventMs = 8;
const maxMs = 80;
/** Number of events of a batch that is large enough without waiting. */
const plenty = 200;

/** Returns how long the next batch has to wait, in milliseconds since the beginning of a batch of this size. */
export const gatheringMs = (events: number): number =>
  events >= plenty ? 0 : Math.min(events * perEventMs, maxMs);

/**
 * Waits while further events gather.
 * @param beganAt beginning of the last batch, as of `performance.now`
 * @param signal ends the waiting
 */
export const gather = async (beganAt: number, events: number, signal: AbortSignal): Promise<void> => {
  const leftMs = beganAt + gatheringMs(events) - performance.now();
  if (leftMs > 0) await setTimeout(leftMs, undefined, { signal }).catch(() => {});
};
