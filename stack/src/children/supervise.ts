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
   * `stableAfterMs`.
   */
  readonly firstPauseMs?: number;
  readonly maxPauseMs?: number;
  readonly stableAfterMs?: number;
}

/** Restarts a child whenever it ends, with exponential backoff and jitter, and reports it. */
export const supervise = <R extends Running>(options: SuperviseOptions<R>): Supervised =>
  new Supervisor(options);

/** Why no child runs. */
interface Ended {
  readonly why: string;
  /** True if the child lived long enough for the backoff to start over. */
  readonly wasStable: boolean;
}

class Supervisor<R extends Running> implements Supervised {
  readonly #options: SuperviseOptions<R>;
  readonly #stopping = new AbortController();
  readonly #watching: Promise<void>;
  #current: R | undefined;

  constructor(options: SuperviseOptions<R>) {
    this.#options = options;
    this.#current = options.first;
    this.#watching = this.#watch();
  }

  async stop(end: (running: Running) => Promise<unknown>): Promise<void> {
    this.#stopping.abort();
    if (this.#current !== undefined) await end(this.#current);
    await this.#watching;
    // A child that was being started when the stop came.
    if (this.#current !== undefined) await end(this.#current);
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stopping;
    let restarts = 0;
    while (!signal.aborted) {
      const ended =
        this.#current === undefined ? await this.#tryStart() : await this.#awaitEnd(this.#current);
      if (ended === undefined) continue;
      if (ended.wasStable) restarts = 0;
      if (signal.aborted) return;
      restarts += 1;
      await this.#pause(ended.why, restarts);
    }
  }

  /** Returns undefined if the child runs. */
  async #tryStart(): Promise<Ended | undefined> {
    const { name, start, say, onStart } = this.#options;
    try {
      this.#current = await start();
      onStart?.(this.#current);
      say(`${name} runs again (pid ${this.#current.pid})`);
      return undefined;
    } catch (error) {
      const why = `did not start: ${error instanceof Error ? error.message : error}`;
      return { why, wasStable: false };
    }
  }

  async #awaitEnd(child: R): Promise<Ended> {
    const { stableAfterMs = 20_000 } = this.#options;
    const began = performance.now();
    const why = describe(await child.exited);
    this.#current = undefined;
    return { why, wasStable: performance.now() - began > stableAfterMs };
  }

  async #pause(why: string, restarts: number): Promise<void> {
    const { name, say, firstPauseMs = 200, maxPauseMs = 15_000 } = this.#options;
    const pauseMs = backoffMs(restarts, { firstMs: firstPauseMs, maxMs: maxPauseMs, jitter: 'none' });
    const waitMs = Math.round(jittered(pauseMs, 0.25));
    say(`${name} ${why}; starting it again in ${(waitMs / 1000).toFixed(1)} s`);
    await delay(waitMs, undefined, { signal: this.#stopping.signal }).catch(() => {});
  }
}

const describe = ({ code, signal }: Exit) =>
  signal === null ? `ended with code ${code}` : `was ended by ${signal}`;
