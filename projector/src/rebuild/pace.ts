import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

/** Runs a piece of work and then pauses as long as concurrent reads require. */
export type Pace = <T>(work: () => Promise<T>) => Promise<T>;

export interface PaceOptions {
  /** URL of the document store whose readers are protected. */
  readonly url: string;
  /** Maximum average slowdown of reads as a fraction: 0.15 is 15 %. */
  readonly slowdown: number;
}

export interface Probe {
  /** Duration of one small read. Milliseconds. */
  readonly took: number;
}

/** Number of measured reads of each kind. */
const windowSize = 40;
/**
 * Longest pause after a piece of work, as a multiple of its duration, and the smallest number of reads for an
 * estimate.
 */
const longestRest = 20;
const fewest = 5;
/**
 * Assumed slowdown if the measured one is smaller: two and a half times as long. A small read shows the load
 * of the document store, but not the load of a whole request, mainly on the CPU.
 */
const assumed = 1.5;

const mean = (all: readonly number[]): number => all.reduce((sum, one) => sum + one, 0) / all.length;

/**
 * Measures small reads during work and during pauses, in a separate thread that the work cannot block, and
 * pauses just long enough to keep the average slowdown of reads below the limit.
 */
export const createPace = ({ url, slowdown }: PaceOptions): { pace: Pace } & AsyncDisposable => {
  const worker = new Worker(new URL('./probe.ts', import.meta.url), { workerData: { url } });
  worker.on('error', () => {});
  worker.unref();
  const times: Record<'work' | 'rest', number[]> = { work: [], rest: [] };
  let now: 'work' | 'rest' = 'rest';
  worker.on('message', ({ took }: Probe) => {
    times[now].push(took);
    if (times[now].length > windowSize) times[now].shift();
  });

  /** Returns the pause for each millisecond of work. */
  const rest = (): number => {
    const enough = times.work.length >= fewest && times.rest.length >= fewest;
    const slowed = Math.max(assumed, enough ? mean(times.work) / mean(times.rest) - 1 : 0);
    return Math.max(0.1, Math.min(longestRest, slowed / slowdown - 1 + 0.1));
  };

  return {
    async pace(work) {
      now = 'work';
      const start = performance.now();
      try {
        return await work();
      } finally {
        const took = performance.now() - start;
        now = 'rest';
        await setTimeout(Math.max(10, took * rest()));
      }
    },
    async [Symbol.asyncDispose]() {
      await worker.terminate();
    },
  };
};
