import { setTimeout } from 'node:timers/promises';
import type { Documents } from '@rookery/document-store';
import type { EventStore } from '@rookery/event-store';
import { readCheckpoint } from '../checkpoint.ts';
import type { Backfill } from '../rebuild/backfill.ts';
import { VerificationUnavailableError } from './verification-unavailable.ts';

const defaultTimeoutMs = 20_000;
const pollEveryMs = 25;

export interface ComparisonClockOptions {
  readonly documents: Documents;
  readonly eventStore: Pick<EventStore, 'head'>;
  readonly projections: readonly string[];
  readonly backfill: Pick<Backfill, 'follow'>;
  /** Last position in the rebuilt documents. */
  readonly from: number;
  /** Maximum wait for the projections to advance. Default: 20 s. */
  readonly timeoutMs?: number | undefined;
  readonly signal: AbortSignal;
}

/** Brings the rebuilt side and the live side to one position. */
export class ComparisonClock {
  readonly #options: ComparisonClockOptions;
  #position: number;

  constructor(options: ComparisonClockOptions) {
    this.#options = options;
    this.#position = options.from;
  }

  /** Last position in the rebuilt documents. */
  get position(): number {
    return this.#position;
  }

  /** Advances both sides to the newest position. */
  async advance(): Promise<void> {
    const { eventStore, backfill } = this.#options;
    const head = await eventStore.head();
    while (this.#position < head) this.#position = await backfill.follow(this.#position, head);
    await this.awaitLive(head);
  }

  /**
   * Waits until every projection has applied this position.
   * @throws VerificationUnavailableError if they stop advancing
   */
  async awaitLive(wanted: number): Promise<void> {
    const { documents, projections, timeoutMs = defaultTimeoutMs, signal } = this.#options;
    let [seen, since] = [-1, performance.now()];
    for (;;) {
      signal.throwIfAborted();
      const positions = await Promise.all(projections.map((name) => readCheckpoint(documents, name)));
      const least = Math.min(...positions.map((one) => one.position));
      if (least >= wanted) return;
      if (least > seen) [seen, since] = [least, performance.now()];
      if (performance.now() - since > timeoutMs) {
        throw new VerificationUnavailableError(
          `the projections stand at ${least} of ${wanted}: they have to catch up first`,
        );
      }
      await setTimeout(pollEveryMs);
    }
  }
}
