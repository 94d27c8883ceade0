import { setTimeout } from 'node:timers/promises';

/**
 * Time in which events are gathered, from the beginning of a batch to that of the next one, by the number of its events. A batch
 * costs a commit here and several in each projection, however small it is. An event that comes alone waits for nothing, since the
 * time runs from the batch before.
 *
 * With few events the time is short. From some 330 events per second each batch makes the next one larger, up to `loaded.maxMs`: then
 * the CPU time of a batch counts for more than the time that an event waits (docs/adr/gathering.md).
 */
const light = { perEventMs: 8, maxMs: 25 } as const;
const loaded = { perEventMs: 3, maxMs: 80 } as const;
/** Number of events of a batch that is large enough without waiting. */
const plenty = 200;

const timeOf = (events: number, { perEventMs, maxMs }: typeof light | typeof loaded): number =>
  Math.min(events * perEventMs, maxMs);

/** Returns how long the next batch has to wait, in milliseconds since the beginning of a batch of this size. */
export const gatheringMs = (events: number): number =>
  events >= plenty ? 0 : Math.max(timeOf(events, light), timeOf(events, loaded));

/**
 * Waits while further events gather.
 * @param beganAt beginning of the last batch, as of `performance.now`
 * @param signal ends the waiting
 */
export const gather = async (beganAt: number, events: number, signal: AbortSignal): Promise<void> => {
  const leftMs = beganAt + gatheringMs(events) - performance.now();
  if (leftMs > 0) await setTimeout(leftMs, undefined, { signal }).catch(() => {});
};
