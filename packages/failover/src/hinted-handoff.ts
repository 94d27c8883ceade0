import { setTimeout } from 'node:timers/promises';
import type { Queue } from '@rookery/message-queue';
import type { Logger } from '@rookery/runtime';

/** Interval of attempts while entries are pending. */
const intervalMs = 250;
/** Number of entries that are copied concurrently. */
const maxConcurrent = 16;
/** Maximum number of pending ids, of 36 characters each; beyond it the oldest are dropped. */
const maxRemembered = 100_000;

export interface HintedHandoffOptions {
  /** Name of the entries, for the log. */
  readonly what: string;
  /** Copies the entry of the other queue under this id. */
  readonly give: (id: string) => Promise<unknown>;
  /** Queue that was down during the write. */
  readonly to: Pick<Queue, 'replicas'>;
  readonly log: Logger;
}

/**
 * Copies entries that were written to one of two queues alone to the other one, once it is back, so that it
 * has them when it is the only one that answers. Keeps only ids, in memory; they are lost with the process.
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
      const ids = to.replicas().every(({ up }) => up) ? [...this.#ids].slice(0, maxConcurrent) : [];
      const outcomes = await Promise.allSettled(ids.map((id) => this.#give(id)));
      const done = outcomes.filter(({ status }) => status === 'fulfilled').length;
      given += done;
      if (done < maxConcurrent && this.#ids.size > 0)
        await setTimeout(intervalMs, undefined, { signal, ref: false }).catch(() => {});
    }
    if (given > 0) log.info({ given, what }, 'copied missing entries to a queue');
  }

  /** Removes the id first: an entry that is added meanwhile may be newer than the copied one. */
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
