import { duration } from './duration.ts';

/** How far a piece of work is: so much done, of so much where that is known. */
export type Meter = (what: string, done: number, of?: number) => void;

/** Tells how far long work is, with its rate and the time left, counted anew for each kind of work. */
export const createMeter = (progress: (line: string) => void, unit = 'events'): Meter => {
  let begun: { readonly what: string; readonly at: number; readonly from: number } | undefined;
  return (what, done, of) => {
    // What was done before this call, by a process before this one, tells nothing of the rate.
    if (begun?.what !== what) begun = { what, at: performance.now(), from: done };
    const rate = ((done - begun.from) * 1_000) / (performance.now() - begun.at);
    const left = of === undefined ? '' : `, ${duration(rate > 0 ? (of - done) / rate : Number.NaN)} left`;
    const amount = [done, ...(of === undefined ? [] : ['of', of]), unit].join(' ').trim();
    progress(`${what}: ${amount}, ${Math.round(Number.isFinite(rate) ? rate : 0)}/s${left}`);
  };
};
