import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

/** Runs a piece of work, and rests afterwards for as long as the reads need. */
export type Pace = <T>(work: () => Promise<T>) => Promise<T>;

export interface PaceOptions {
  /** Of the documents whose readers are to be spared. */
  readonly url: string;
  /** How much slower reads may get on average, as a share: 0.15 is 15 %. */
  readonly slowdown: number;
}

export interface Probe {
  /** Milliseconds that one small read took. */
  readonly took: number;
}

/** Reads remembered of each kind. */
const remembered = 40;
/** The longest rest after a piece of work, as a multiple of it; and the least number of reads to judge by. */
const longestRest = 20;
const fewest = 5;
/**
 * How much work slows reads where less than that is measured: two and a half times as long. A small read shows what
 * the documents have to wait for, and not what a whole request does, for a core above all.
 */
const assumed = 1.5;

const mean = (all: readonly number[]): number => all.reduce((sum, one) => sum + one, 0) / all.length;

/**
 * Measures small reads while there is work and while there is rest, in a thread of its own that the work can't
 * hold up, and rests for just so long that reads are slowed by no more than the given share on average.
 */
export const createPace = ({ url, slowdown }: PaceOptions): { pace: Pace } & AsyncDisposable => {
  const worker = new Worker(new URL('./probe.ts', import.meta.url), { workerData: { url } });
  worker.on('error', () => {});
  worker.unref();
  const times: Record<'work' | 'rest', number[]> = { work: [], rest: [] };
  let now: 'work' | 'rest' = 'rest';
  worker.on('message', ({ took }: Probe) => {
    times[now].push(took);
    if (times[now].length > remembered) times[now].shift();
  });

  /** Rest for each millisecond of work. */
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
