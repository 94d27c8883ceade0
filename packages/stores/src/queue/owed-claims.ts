import { setTimeout } from 'node:timers/promises';
import type { Logger } from '@rookery/service';
import type { Queue } from './types.ts';

/** How often it is tried while something is owed, in milliseconds. */
const every = 250;
/** Claims given at the same time. */
const atOnce = 16;
/** So many are remembered: 36 characters each. Of more, the oldest are forgotten. */
const remembered = 100_000;

export interface OwedClaimsOptions {
  /** Has the claims. */
  readonly from: Pick<Queue, 'claimed'>;
  /** Was away when they were made. */
  readonly to: Pick<Queue, 'claim' | 'lines'>;
  readonly log: Logger;
}

/**
 * Claims that were made on one of two queues alone, given to the other once it is back: so that it knows them when it
 * is the one that is asked alone. Only their ids are kept here, and with the process they are gone.
 */
export class OwedClaims {
  readonly #options: OwedClaimsOptions;
  readonly #ids = new Set<string>();
  readonly #closing = new AbortController();
  #paying: Promise<void> | undefined;

  constructor(options: OwedClaimsOptions) {
    this.#options = options;
  }

  add(id: string): void {
    if (this.#ids.size >= remembered) {
      const [oldest = id] = this.#ids;
      this.#ids.delete(oldest);
    }
    this.#ids.add(id);
    this.#paying ??= this.#pay().finally(() => {
      this.#paying = undefined;
    });
  }

  async #pay(): Promise<void> {
    const { to, log } = this.#options;
    const { signal } = this.#closing;
    let given = 0;
    while (this.#ids.size > 0 && !signal.aborted) {
      const ids = to.lines().every(({ up }) => up) ? [...this.#ids].slice(0, atOnce) : [];
      const outcomes = await Promise.allSettled(ids.map((id) => this.#give(id)));
      const done = outcomes.filter(({ status }) => status === 'fulfilled').length;
      given += done;
      if (done < atOnce && this.#ids.size > 0)
        await setTimeout(every, undefined, { signal, ref: false }).catch(() => {});
    }
    if (given > 0) log.info({ given }, 'gave a queue the claims that it had missed');
  }

  async #give(id: string): Promise<void> {
    const { from, to } = this.#options;
    const event = await from.claimed(id);
    if (event) await to.claim(event);
    this.#ids.delete(id);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#paying;
  }
}
