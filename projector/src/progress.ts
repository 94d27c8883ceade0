import { setTimeout } from 'node:timers/promises';
import { type Documents, DocumentsUnavailableError, StatementTimeoutError } from '@rookery/document-store';
import type { Feeds, LiveTopic } from '@rookery/feeds';
import type { Queue } from '@rookery/message-queue';
import { backoffMs, type Logger } from '@rookery/runtime';
import { followersOf } from './followers.ts';
import type { Hints } from './hints.ts';
import type { ProjectorMetrics } from './metrics.ts';
import { changeProgress, readProgress } from './progress-document.ts';
import type { Traces } from './trace.ts';

export interface ProgressOptions {
  /** Consumer name: a projection, or the standby of one. */
  readonly projection: string;
  /** Id of the checkpoint document. Default: the projection. */
  readonly document?: string;
  readonly queue: Pick<Queue, 'consumer'>;
  readonly documents: Documents;
  readonly feeds: Pick<Feeds, 'hint'>;
  /** Applies the events at these positions, both inclusive, again from the event store and reports its progress. */
  readonly reapply: Reapply;
  /** Called after each check with the number of events that are not applied. */
  readonly onLag?: (events: number) => void;
  readonly log: Logger;
  readonly metrics: ProjectorMetrics;
}

export type Reapply = (
  from: number,
  to: number,
  onProgress: (position: number) => Promise<void>,
  signal: AbortSignal,
) => Promise<void>;

export interface Progress extends AsyncDisposable {
  /**
   * Registers hints of acknowledged events, to be sent once the checkpoint has passed `upTo`, their last
   * position.
   */
  note(upTo: number, hints: Hints, traces?: Traces): void;
  /** Reports that everything up to this position has been applied without the queue. */
  passed(position: number): void;
}

/**
 * Intervals between reads of the floor: short after an acknowledgement, then longer, and longest when idle.
 * Milliseconds.
 */
const look = { first: 2, longest: 250, idle: 1_000 } as const;
const growing = { firstMs: look.first, longestMs: look.longest, jitter: 'none' } as const;
/**
 * Maximum number of topics that wait for a floor that another worker holds back. Dropping them only costs
 * latency.
 */
const mostTopics = 100_000;
/**
 * Smallest gap that is logged as a warning. A worker that is killed after an acknowledgement leaves a smaller
 * one.
 */
const worthTelling = 1_000;

/** The queue did not return the acknowledgement floor. Preparing the documents again would not help. */
class UnknownFloorError extends Error {
  override name = 'UnknownFloorError';
}

/**
 * Follows the acknowledgement floor of one projection: raises `progress/<projection>`, publishes the new
 * position, and sends the hints of the events that have become visible. Several workers do this for one
 * projection; the floor is the same for all, and the worker that raises it publishes it.
 *
 * The floor refers to the documents that existed at the time. They may differ at the start, after the
 * consumer was recreated, and after the checkpoint has gone back, which only a loss of data can cause. Then
 * the events between checkpoint and floor are applied again from the event store before the checkpoint passes
 * them. As a result a new standby, a standby that was down for long, wiped documents and a restored backup
 * all become complete without an operator.
 */
export const followProgress = (options: ProgressOptions): Progress => {
  const { projection, document = projection, queue, documents, feeds, reapply, log, metrics } = options;
  const stopping = new AbortController();
  let stopped = false;
  /** Consumer whose floor is known to refer to these documents. */
  let trusted: string | undefined;
  let bell = new AbortController();
  /** Number of consecutive checks while hints wait. */
  let looks = 0;
  let waiting: { upTo: number; hints: Hints; traces: Traces }[] = [];
  let known = 0;
  let past = 0;

  const ring = (): void => {
    bell.abort();
    bell = new AbortController();
  };

  const raise = async (): Promise<void> => {
    const { floor, since } = await acknowledged();
    if (since !== undefined && since !== trusted) {
      await closeGap(floor);
      trusted = since;
    }
    const ackFloor = Math.max(past, floor);
    // While another worker holds the floor back there is nothing to compare. An idle check compares anyway,
    // since the document may have been tampered with.
    if (ackFloor <= known && waiting.length > 0) return;
    let lost = false;
    let raised = false;
    const { position } = await changeProgress(documents, document, (now) => {
      lost = now.position < known;
      raised = !lost && ackFloor > now.position;
      return raised ? { position: ackFloor, at: new Date().toISOString() } : undefined;
    });
    if (lost) {
      log.error({ position, known }, 'the checkpoint has gone back: the documents have lost data');
      known = position;
      past = 0;
      trusted = undefined;
      return ring();
    }
    await noteProgress(position, raised);
  };

  const noteProgress = async (position: number, raised: boolean): Promise<void> => {
    known = position;
    metrics.position.set({ projection }, position);
    if (raised) await hint(new Map([['progress', { projection, position }]]));
  };

  const closeGap = async (floor: number): Promise<void> => {
    const from = await readProgress(documents, document);
    if (from.position >= floor) return;
    const level = floor - from.position > worthTelling ? 'warn' : 'debug';
    log[level]({ from: from.position, to: floor }, 'applying events again from the event store');
    // Feeds in Redis may come from lost documents: a new epoch invalidates them.
    if (from.position === 0)
      await changeProgress(documents, document, ({ epoch }) =>
        epoch === 0 ? { epoch: Date.now() } : undefined,
      );
    const note = async (position: number): Promise<void> => {
      const at = new Date().toISOString();
      const now = await changeProgress(documents, document, (before) =>
        before.position < position ? { position, at } : undefined,
      );
      await noteProgress(now.position, true);
    };
    await reapply(from.position + 1, floor, note, stopping.signal);
    log[level]({ to: floor }, 'applied all missing events');
  };

  /** Falls back to the position reported by `passed` if the queue is down. */
  const acknowledged = async (): Promise<{ floor: number; since?: string }> => {
    try {
      const { ackFloor, inFlight, waiting: behind, since } = await queue.consumer(projection);
      metrics.lag.set({ projection }, inFlight + behind);
      options.onLag?.(inFlight + behind);
      return { floor: ackFloor, since };
    } catch (error) {
      if (past === 0)
        throw new UnknownFloorError('the queue did not return the acknowledgement floor', { cause: error });
      return { floor: 0 };
    }
  };

  const tell = async (): Promise<void> => {
    const due = waiting.filter(({ upTo }) => upTo <= known);
    waiting = waiting.filter(({ upTo }) => upTo > known);
    const traces = due.flatMap((each) => each.traces);
    const payload = traces.length === 0 ? {} : { traces };
    await hint(
      new Map(due.flatMap(({ hints }) => [...hints.topics].map((topic) => [topic, payload] as const))),
    );
    for (const author of new Set(due.flatMap(({ hints }) => [...hints.broadcastAuthors]))) {
      for await (const readers of followersOf(documents, author)) {
        await hint(new Map(readers.map((reader) => [`feed:${reader}` as const, payload])));
      }
    }
  };

  const hint = async (hints: ReadonlyMap<LiveTopic, object>): Promise<void> => {
    if (hints.size === 0) return;
    // Hints are best effort: subscribers also poll.
    await feeds
      .hint(hints)
      .catch((error) => log.debug({ error, hints: hints.size }, 'failed to publish hints'));
  };

  const run = async (): Promise<void> => {
    let failures = 0;
    while (!stopped) {
      try {
        await raise();
        await tell();
        failures = 0;
      } catch (error) {
        failures += 1;
        log[failures === 1 ? 'warn' : 'debug'](
          { error, failures },
          'failed to raise the checkpoint; trying again',
        );
        // The store answers, so a missing table may be the cause, which preparing creates.
        if (
          ![DocumentsUnavailableError, StatementTimeoutError, UnknownFloorError].some(
            (known) => error instanceof known,
          )
        )
          await documents.prepare().catch(() => {});
      }
      const wait = waiting.length > 0 ? backoffMs(++looks, growing) : look.idle;
      if (!stopped) await setTimeout(wait, undefined, { signal: bell.signal }).catch(() => {});
    }
  };
  const running = run();

  return {
    note(upTo, hints, traces = []) {
      const kept = waiting.reduce((sum, w) => sum + w.hints.topics.size, 0);
      if (kept + hints.topics.size > mostTopics) waiting = [];
      waiting.push({ upTo, hints, traces });
      looks = 0;
      ring();
    },
    passed(position) {
      past = Math.max(past, position);
      looks = 0;
      ring();
    },
    async [Symbol.asyncDispose]() {
      stopped = true;
      stopping.abort();
      ring();
      await running;
      await raise()
        .then(tell)
        .catch((error) => log.debug({ error }, 'failed to raise the checkpoint at the stop'));
    },
  };
};
