import type { Feeds, LiveTopic } from '@rookery/feeds';
import type { CheckpointDoc } from '@rookery/read-models';
import type { Logger } from '@rookery/runtime';
import type { Hints } from './hints.ts';
import type { Traces } from './trace.ts';

/**
 * Maximum number of topics that wait for a floor that another worker holds back. Dropping them only costs
 * latency.
 */
const maxTopics = 100_000;

export interface PendingHintsOptions {
  readonly feeds: Pick<Feeds, 'hint'>;
  readonly log: Logger;
}

interface PendingHint {
  readonly upTo: number;
  readonly hints: Hints;
  readonly traces: Traces;
}

/** A checkpoint that has been raised. */
export interface ProgressHint {
  /** Id of the checkpoint document. */
  readonly projection: string;
  readonly checkpoint: CheckpointDoc;
}

/** Hints of acknowledged events that wait until the checkpoint has passed the events. */
export class PendingHints {
  readonly #options: PendingHintsOptions;
  #waiting: PendingHint[] = [];
  #progress: ProgressHint | undefined;

  constructor(options: PendingHintsOptions) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** True if no reader waits for what waits here. */
  get isIdle(): boolean {
    return this.#waiting.every(({ hints }) => hints.isIdle);
  }

  add(pending: PendingHint): void {
    const topics = this.#waiting.reduce((sum, { hints }) => sum + hints.topics.size, 0);
    if (topics + pending.hints.topics.size > maxTopics) this.#waiting = [];
    this.#waiting.push(pending);
  }

  /** Registers a raised checkpoint, to be published with the next hints. */
  addProgress(progress: ProgressHint): void {
    this.#progress = progress;
  }

  /** Publishes the checkpoint if it is new, and then the hints of the events up to this position. */
  async publishUpTo(position: number): Promise<void> {
    const progress = this.#progress;
    this.#progress = undefined;
    const due = this.#waiting.filter(({ upTo }) => upTo <= position);
    this.#waiting = this.#waiting.filter(({ upTo }) => upTo > position);
    const traces = due.flatMap((each) => each.traces);
    const payload = traces.length === 0 ? {} : { traces };
    const hints = new Map<LiveTopic, object>(progress ? [['progress', progress]] : []);
    for (const { hints: own } of due) for (const topic of own.topics) hints.set(topic, payload);
    await this.#publish(hints);
  }

  /** Publishes hints at once. They are best effort, because subscribers also poll. */
  async #publish(hints: ReadonlyMap<LiveTopic, object>): Promise<void> {
    if (hints.size === 0) return;
    const { feeds, log } = this.#options;
    await feeds
      .hint(hints)
      .catch((error) => log.debug({ error, hints: hints.size }, 'failed to publish hints'));
  }
}
