import { setTimeout } from 'node:timers/promises';
import type { Logger } from '@rookery/service';
import type { Documents } from '@rookery/stores/documents';
import type { Feeds, LiveTopic } from '@rookery/stores/feeds';
import type { Queue } from '@rookery/stores/queue';
import { followersOf } from './followers.ts';
import type { Hints } from './hints.ts';
import type { ProjectorMetrics } from './metrics.ts';
import { changeProgress } from './progress-document.ts';

export interface ProgressOptions {
  readonly projection: string;
  readonly queue: Pick<Queue, 'consumer'>;
  readonly documents: Documents;
  readonly feeds: Feeds;
  readonly log: Logger;
  readonly metrics: ProjectorMetrics;
}

export interface Progress extends AsyncDisposable {
  /** These events have been acknowledged; tell these of it once progress has passed `upTo`, the last position of them. */
  note(upTo: number, hints: Hints): void;
  /** Everything up to this position has been applied, by whatever way it came. */
  passed(position: number): void;
}

/** Looks for the floor: soon after an acknowledgement, then ever less often; rarely without one. Milliseconds. */
const look = { first: 2, longest: 250, idle: 1_000 } as const;
/** Topics that are kept for a floor which somebody else holds back. What is dropped costs latency only. */
const mostTopics = 100_000;

/**
 * Follows the acknowledgement floor of one projection: raises `progress/<projection>`, says so, and sends the hints
 * of what has thereby become visible. Several workers do it for the same projection; the floor is the same for all,
 * and whoever raises it says so. The idle look mends what a worker that was killed after its acknowledgement left.
 */
export const followProgress = (options: ProgressOptions): Progress => {
  const { projection, queue, documents, feeds, log, metrics } = options;
  let stopped = false;
  let bell = new AbortController();
  /** In a row, for something that is waiting. */
  let looks = 0;
  let waiting: { upTo: number; hints: Hints }[] = [];
  let known = 0;
  let past = 0;

  const ring = (): void => {
    bell.abort();
    bell = new AbortController();
  };

  const raise = async (): Promise<void> => {
    const ackFloor = Math.max(past, await acknowledged());
    // While somebody else holds the floor back, there is nothing to compare; an idle look compares all the same,
    // for the document may have been tampered with.
    if (ackFloor <= known && waiting.length > 0) return;
    let raised = false;
    const { position } = await changeProgress(documents, projection, (now) => {
      raised = ackFloor > now.position;
      return raised ? { position: ackFloor, at: new Date().toISOString() } : undefined;
    });
    known = position;
    metrics.position.set({ projection }, position);
    if (raised) await hint(new Map([['progress', { projection, position }]]));
  };

  /** With the queue away, only what came past it counts. */
  const acknowledged = async (): Promise<number> => {
    try {
      const { ackFloor, inFlight, waiting: behind } = await queue.consumer(projection);
      metrics.lag.set({ projection }, inFlight + behind);
      return ackFloor;
    } catch (error) {
      if (past === 0) throw error;
      return 0;
    }
  };

  const tell = async (): Promise<void> => {
    const due = waiting.filter(({ upTo }) => upTo <= known);
    waiting = waiting.filter(({ upTo }) => upTo > known);
    await hint(new Map(due.flatMap(({ hints }) => [...hints.topics].map((topic) => [topic, {}] as const))));
    for (const author of new Set(due.flatMap(({ hints }) => [...hints.crowds]))) {
      for await (const readers of followersOf(documents, author)) {
        await hint(new Map(readers.map((reader) => [`feed:${reader}` as const, {}])));
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
      }
      const wait = waiting.length > 0 ? Math.min(look.first * 2 ** looks++, look.longest) : look.idle;
      if (!stopped) await setTimeout(wait, undefined, { signal: bell.signal }).catch(() => {});
    }
  };
  const running = run();

  return {
    note(upTo, hints) {
      const kept = waiting.reduce((sum, w) => sum + w.hints.topics.size, 0);
      if (kept + hints.topics.size > mostTopics) waiting = [];
      waiting.push({ upTo, hints });
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
      ring();
      await running;
      await raise()
        .then(tell)
        .catch((error) => log.debug({ error }, 'progress could not be raised at the end'));
    },
  };
};
