import { duration } from './duration.ts';

/** Reports progress: amount done, and total amount if known. */
export type Meter = (what: string, done: number, of?: number) => void;

/** Shows the progress of long work with its rate and remaining time, separately for each kind of work. */
export const createMeter = (progress: (line: string) => void, unit = 'events'): Meter => {
  let begun: { readonly what: string; readonly at: number; readonly from: number } | undefined;
  return (what, done, of) => {
    // Work that an earlier process did must not count in the rate.
    if (begun?.what !== what) begun = { what, at: performance.now(), from: done };
    const rate = ((done - begun.from) * 1_000) / (performance.now() - begun.at);
    const left = of === undefined ? '' : `, ${duration(rate > 0 ? (of - done) / rate : Number.NaN)} left`;
    const amount = [done, ...(of === undefined ? [] : ['of', of]), unit].join(' ').trim();
    progress(`${what}: ${amount}, ${Math.round(Number.isFinite(rate) ? rate : 0)}/s${left}`);
  };
};
