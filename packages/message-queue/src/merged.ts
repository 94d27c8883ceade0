import type { Batches, Delivery } from './types.ts';

interface Slot<T> {
  readonly batch: Delivery<T>[];
  /** Called when the consumer has finished with this batch, or never will. */
  readonly done: () => void;
}

/**
 * Merges several sources into one, a batch at a time, in order of arrival. Each source waits while its batch
 * is processed, so nothing piles up here. (Promise.race on the next batch of each would add a reaction to a
 * silent source for every batch of the others, without end.)
 */
export class MergedBatches<T> implements Batches<T> {
  readonly #parts: readonly Batches<T>[];
  readonly #slots: Slot<T>[] = [];
  readonly #pumps: Promise<void>;
  #changed = Promise.withResolvers<void>();
  #running: number;
  #failure: { readonly error: unknown } | undefined;
  #stopping = false;

  constructor(parts: readonly Batches<T>[]) {
    this.#parts = parts;
    this.#running = parts.length;
    this.#pumps = Promise.all(parts.map((part) => this.#pump(part))).then(() => {});
  }

  async #pump(part: Batches<T>): Promise<void> {
    try {
      for await (const batch of part) {
        const { promise, resolve } = Promise.withResolvers<void>();
        if (this.#stopping) {
          giveBack(batch);
          break;
        }
        this.#slots.push({ batch, done: resolve });
        this.#wake();
        await promise;
      }
    } catch (error) {
      this.#failure ??= { error };
    } finally {
      this.#running -= 1;
      this.#wake();
    }
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Delivery<T>[], void, void> {
    try {
      for (;;) {
        while (this.#slots.length === 0 && this.#running > 0 && !this.#stopping && !this.#failure)
          await this.#changed.promise;
        if (this.#failure) throw this.#failure.error;
        const slot = this.#stopping ? undefined : this.#slots.shift();
        if (!slot) return;
        try {
          yield slot.batch;
        } finally {
          slot.done();
        }
      }
    } finally {
      await this.stop();
    }
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake();
    for (const { batch, done } of this.#slots.splice(0)) {
      giveBack(batch);
      done();
    }
    await Promise.all(this.#parts.map((part) => part.stop()));
  }

  /** Resolves when all sources have ended. */
  get ended(): Promise<void> {
    return this.#pumps;
  }
}

const giveBack = (batch: readonly Delivery<unknown>[]): void => {
  for (const delivery of batch) delivery.retry(0);
};
