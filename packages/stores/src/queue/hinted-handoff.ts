import { setTimeout } from 'node:timers/promises';
import type { Logger } from '@rookery/service';
import type { Queue } from './types.ts';

/** How often it tries while something is owed, in milliseconds. */
const intervalMs = 250;
/** Entries given at the same time. */
const maxConcurrent = 16;
/** Ids that are remembered, of 36 characters each. If there are more, the oldest are forgotten. */
const maxRemembered = 100_000;

export interface HintedHandoffOptions {
  /** Name of the entries, for the log. */
  readonly what: string;
  /** Copies what the other queue holds under this id. */
  readonly give: (id: string) => Promise<unknown>;
  /** Was down when it was written. */
  readonly to: Pick<Queue, 'lines'>;
  readonly log: Logger;
}

/**
 * Copies to one of two queues, once it is back, what was written to the other alone: so that it knows it when it is the
 * only one that answers. Keeps ids only, in memory; they are lost with the process.
 */
export class HintedHandoff {
  readonly #options: HintedHandoffOptions;
  readonly #ids = new Set<string>();
  readonly #closing = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: HintedHandoffOptions) {
    this.#options = options;
  }

  add(id: string): void {
    if (this.#ids.size >= maxRemembered) {
      const [oldest = id] = this.#ids;
      this.#ids.delete(oldest);
    }
    this.#ids.add(id);
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  async #run(): Promise<void> {
    const { what, to, log } = this.#options;
    const { signal } = this.#closing;
    let given = 0;
    while (this.#ids.size > 0 && !signal.aborted) {
      const ids = to.lines().every(({ up }) => up) ? [...this.#ids].slice(0, maxConcurrent) : [];
      const outcomes = await Promise.allSettled(ids.map((id) => this.#give(id)));
      const done = outcomes.filter(({ status }) => status === 'fulfilled').length;
      given += done;
      if (done < maxConcurrent && this.#ids.size > 0)
        await setTimeout(intervalMs, undefined, { signal, ref: false }).catch(() => {});
    }
    if (given > 0) log.info({ given, what }, 'gave a queue what it had missed');
  }

  /** Forgets it first: what is added meanwhile may be newer than what is given. */
  async #give(id: string): Promise<void> {
    this.#ids.delete(id);
    try {
      await this.#options.give(id);
    } catch (error) {
      this.#ids.add(id);
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }
}
