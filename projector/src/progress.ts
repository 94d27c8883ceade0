import { setTimeout } from 'node:timers/promises';
import type { Logger } from '@rookery/service';
import { type Documents, DocumentsUnavailable, StatementTimeout } from '@rookery/stores/documents';
import type { Feeds, LiveTopic } from '@rookery/stores/feeds';
import type { Queue } from '@rookery/stores/queue';
import { followersOf } from './followers.ts';
import type { Hints } from './hints.ts';
import type { ProjectorMetrics } from './metrics.ts';
import { changeProgress, readProgress } from './progress-document.ts';
import type { Traces } from './trace.ts';

export interface ProgressOptions {
  /** Whose consumer it is: a projection, or the standby of one. */
  readonly projection: string;
  /** Id of the progress document. Default: the projection. */
  readonly document?: string;
  readonly queue: Pick<Queue, 'consumer'>;
  readonly documents: Documents;
  readonly feeds: Pick<Feeds, 'hint'>;
  /** Applies these positions once more, from the event store, both inclusive; tells how far it has come. */
  readonly reapply: Reapply;
  /** Told how many events are not applied, after each look. */
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
  /** These events have been acknowledged; tell these of it once progress has passed `upTo`, the last position of them. */
  note(upTo: number, hints: Hints, traces?: Traces): void;
  /** Everything up to this position has been applied, by whatever way it came. */
  passed(position: number): void;
}

/** Looks for the floor: soon after an acknowledgement, then ever less often; rarely without one. Milliseconds. */
const look = { first: 2, longest: 250, idle: 1_000 } as const;
/** Topics that are kept for a floor which somebody else holds back. What is dropped costs latency only. */
const mostTopics = 100_000;
/** A gap of fewer events is what a worker that was killed after its acknowledgement leaves. */
const worthTelling = 1_000;

/** The queue did not tell the floor: making what the documents may lack would not help. */
class FloorUnknown extends Error {
  override name = 'FloorUnknown';
}

/**
 * Follows the acknowledgement floor of one projection: raises `progress/<projection>`, says so, and sends the hints
 * of what has thereby become visible. Several workers do it for the same projection; the floor is the same for all,
 * and whoever raises it says so.
 *
 * The floor says what has been applied to the documents that were there then. Whether these are the same is not known
 * at the start, where the consumer was made anew, and where progress has gone back, which only a loss of data can do:
 * then what lies between progress and floor is applied once more, from the event store, before progress passes it.
 * So a standby that is new or was away for long, documents that were wiped, and a backup that was restored all
 * become whole by themselves.
 */
export const followProgress = (options: ProgressOptions): Progress => {
  const { projection, document = projection, queue, documents, feeds, reapply, log, metrics } = options;
  const stopping = new AbortController();
  let stopped = false;
  /** The consumer whose floor is known to speak of these documents. */
  let trusted: string | undefined;
  let bell = new AbortController();
  /** In a row, for something that is waiting. */
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
    // While somebody else holds the floor back, there is nothing to compare; an idle look compares all the same,
    // for the document may have been tampered with.
    if (ackFloor <= known && waiting.length > 0) return;
    let lost = false;
    let raised = false;
    const { position } = await changeProgress(documents, document, (now) => {
      lost = now.position < known;
      raised = !lost && ackFloor > now.position;
      return raised ? { position: ackFloor, at: new Date().toISOString() } : undefined;
    });
    if (lost) {
      log.error({ position, known }, 'progress has gone back: the documents have lost something');
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
    log[level]({ from: from.position, to: floor }, 'applying once more, from the event store');
    // Feeds in Redis may be of documents that are gone: an epoch that has never been leaves them behind.
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
    log[level]({ to: floor }, 'the gap is closed');
  };

  /** With the queue away, only what came past it counts. */
  const acknowledged = async (): Promise<{ floor: number; since?: string }> => {
    try {
      const { ackFloor, inFlight, waiting: behind, since } = await queue.consumer(projection);
      metrics.lag.set({ projection }, inFlight + behind);
      options.onLag?.(inFlight + behind);
      return { floor: ackFloor, since };
    } catch (error) {
      if (past === 0) throw new FloorUnknown('the queue does not tell the floor', { cause: error });
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
    for (const author of new Set(due.flatMap(({ hints }) => [...hints.crowds]))) {
      for await (const readers of followersOf(documents, author)) {
        await hint(new Map(readers.map((reader) => [`feed:${reader}` as const, payload])));
      }
    }
  };

  const hint = async (hints: ReadonlyMap<LiveTopic, object>): Promise<void> => {
    if (hints.size === 0) return;
    // Nobody relies on hints: whoever listens also looks by himself now and then.
    await feeds.hint(hints).catch((error) => log.debug({ error, hints: hints.size }, 'hints were lost'));
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
        log[failures === 1 ? 'warn' : 'debug']({ error, failures }, 'progress could not be raised');
        // The store answers and still it fails: something is missing that can be made.
        if (![DocumentsUnavailable, StatementTimeout, FloorUnknown].some((known) => error instanceof known))
          await documents.prepare().catch(() => {});
      }
      const wait = waiting.length > 0 ? Math.min(look.first * 2 ** looks++, look.longest) : look.idle;
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
        .catch((error) => log.debug({ error }, 'progress could not be raised at the end'));
    },
  };
};
