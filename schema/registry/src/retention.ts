import type { Logger } from '@rookery/runtime';
import type { Database } from './storage/database.ts';
import { prune } from './storage/prune.ts';

const intervalMs = 600_000;

export interface RetentionOptions {
  readonly database: Database;
  /** Days for which usage, reports and deliveries are kept. */
  readonly keepDays: number;
  readonly log: Logger;
}

/** Deletes what is too old: at the start, and every ten minutes. */
export class Retention implements AsyncDisposable {
  readonly #options: RetentionOptions;
  readonly #timer: NodeJS.Timeout;
  #running: Promise<void>;

  constructor(options: RetentionOptions) {
    this.#options = options;
    this.#running = this.#prune();
    this.#timer = setInterval(() => {
      this.#running = this.#running.then(() => this.#prune());
    }, intervalMs).unref();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  async #prune(): Promise<void> {
    const { database, keepDays, log } = this.#options;
    try {
      await prune(database, keepDays);
    } catch (error) {
      log.warn({ reason: (error as Error).message }, 'failed to delete what is too old; trying again later');
    }
  }
}
