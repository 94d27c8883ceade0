import { setTimeout as delay } from 'node:timers/promises';
import { backoffMs, jittered } from '@rookery/runtime/backoff';
import type { Exit } from './guarded-child.ts';

/** Anything that runs until it ends. */
export interface Running {
  readonly pid: number;
  readonly exited: Promise<Exit>;
}

export interface Supervised {
  /** Stops restarting and then calls `end` for the current child. */
  stop(end: (running: Running) => Promise<unknown>): Promise<unknown>;
}

export interface SuperviseOptions<R extends Running> {
  readonly name: string;
  /** Child that runs already: its first start is up to the caller, who sees its failure. */
  readonly first: R;
  readonly start: () => Promise<R>;
  readonly say: (line: string) => void;
  /** Called with every new child, so that its pid can be saved. */
  readonly onStart?: (running: R) => void;
  /**
   * Delay before the first restart, in milliseconds; doubled by each further one until a child lives for
   * `stable` ms.
   */
  readonly shortest?: number;
  readonly longest?: number;
  readonly stable?: number;
}

/** Restarts a child whenever it ends, with exponential backoff and jitter, and reports it. */
export function supervise<R extends Running>(options: SuperviseOptions<R>): Supervised {
  const { name, start, say, onStart, shortest = 200, longest = 15_000, stable = 20_000 } = options;
  const stopping = new AbortController();
  let current: R | undefined = options.first;

  const watch = async () => {
    let restarts = 0;
    while (!stopping.signal.aborted) {
      let why: string;
      if (current === undefined) {
        try {
          current = await start();
          onStart?.(current);
          say(`${name} runs again (pid ${current.pid})`);
          continue;
        } catch (error) {
          why = `did not start: ${error instanceof Error ? error.message : error}`;
        }
      } else {
        const began = performance.now();
        why = describe(await current.exited);
        current = undefined;
        if (performance.now() - began > stable) restarts = 0;
      }
      if (stopping.signal.aborted) return;
      const pause = backoffMs(++restarts, { firstMs: shortest, longestMs: longest, jitter: 'none' });
      const wait = Math.round(jittered(pause, 0.25));
      say(`${name} ${why}; starting it again in ${(wait / 1000).toFixed(1)} s`);
      await delay(wait, undefined, { signal: stopping.signal }).catch(() => {});
    }
  };
  const watching = watch();

  return {
    async stop(end) {
      stopping.abort();
      if (current !== undefined) await end(current);
      await watching;
      // A child that was being started when the stop came.
      if (current !== undefined) await end(current);
    },
  };
}

const describe = ({ code, signal }: Exit) =>
  signal === null ? `ended with code ${code}` : `was ended by ${signal}`;
