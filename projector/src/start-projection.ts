import type { Documents } from '@rookery/document-store';
import type { EventStore } from '@rookery/event-store';
import type { StandbyWatch } from '@rookery/failover/standby-read-models';
import type { Feeds } from '@rookery/feeds';
import { MergedBatches, type Queue } from '@rookery/message-queue';
import type { Projection } from '@rookery/read-models/reducers';
import type { Config, Logger } from '@rookery/runtime';
import { createLiveApply } from './apply-live.ts';
import { CatchUpSubscription } from './catch-up-subscription.ts';
import { type Checkpoints, readCheckpoint } from './checkpoint.ts';
import { type Consumer, consume } from './consume.ts';
import { createDeadLetters } from './dead-letters.ts';
import type { EventPages } from './event-pages.ts';
import { createFanOut } from './fan-out.ts';
import type { ProjectorMetrics } from './metrics.ts';
import { batchSize } from './patient-apply.ts';
import { probeStore } from './probe-store.ts';
import { followProgress } from './progress.ts';
import { createReapply } from './reapply.ts';
import { startRecounts } from './recount.ts';
import type { Turns } from './turns.ts';

/** Target of one projection. */
export interface Target {
  /** Durable consumer on RECORDED. */
  readonly consumer: string;
  /** Id of the checkpoint document. */
  readonly document: string;
  readonly documents: Documents;
  /** Absent if there is no Redis: then no feeds are written and no hints are published. */
  readonly feeds?: Feeds | undefined;
}

/** Resources that all projections of a process share. */
export interface Shared {
  readonly config: Config<'FEED_CAP' | 'FANOUT_LIMIT' | 'CATCH_UP_FROM' | 'NATS_REDUNDANT_URL'>;
  readonly eventStore: EventStore;
  readonly queue: Queue;
  readonly turns: Turns;
  readonly pages: EventPages;
  /** Returns the checkpoints in a document store: the same ones each time. */
  readonly checkpointsIn: (documents: Documents) => Checkpoints;
  readonly metrics: ProjectorMetrics;
  readonly log: Logger;
}

/** Starts to consume one projection into one set of stores, and keeps its checkpoint. */
export const startProjection = async (
  { name, ...projection }: Projection,
  { consumer: consumerName, document, documents, feeds }: Target,
  { config, eventStore, queue, turns, pages, checkpointsIn, metrics, log }: Shared,
  watch?: StandbyWatch,
): Promise<Consumer> => {
  const own = log.child({ projection: consumerName });
  const fanOutTo = (to: Feeds) => (live: Documents) =>
    createFanOut({
      documents: live,
      feeds: to,
      cap: config.FEED_CAP,
      limit: config.FANOUT_LIMIT,
      progress: document,
      log: own.child({ subsystem: 'fan-out' }),
      onMissed: () => metrics.missed.inc(),
    });
  const apply = createLiveApply(
    { name, ...projection },
    {
      documents,
      ...(feeds ? { fanOut: fanOutTo(feeds) } : {}),
    },
  );
  const about = { projection: consumerName, eventStore, log: own, metrics };
  // Opened first, so that the consumer exists when the checkpoint asks for its floor.
  const recorded = await queue.recorded(consumerName, batchSize);
  const applying = {
    ...about,
    apply,
    documents,
    turns,
    probe: () => probeStore(documents, projection),
    ...(watch ? { onAway: watch.onAway } : {}),
  };
  await using undo = new AsyncDisposableStack();
  undo.use(startRecounts({ documents, projection: { name, ...projection }, log: own }));
  const progress = undo.use(
    followProgress({
      ...about,
      document,
      queue,
      catchUpFrom: config.CATCH_UP_FROM,
      documents,
      checkpoints: checkpointsIn(documents),
      feeds: feeds ?? { hint: async () => {} },
      reapply: createReapply({ ...applying, pages }),
      ...(watch ? { onLag: watch.onLag } : {}),
    }),
  );
  // A single queue has no new events while its RECORDED is down; with two queues, recording continues.
  const batches =
    config.NATS_REDUNDANT_URL === undefined
      ? recorded
      : new MergedBatches([
          recorded,
          new CatchUpSubscription({
            store: eventStore,
            queue,
            position: async () => (await readCheckpoint(documents, document)).position,
            applied: (at) => progress.passed(at),
            log: own,
          }),
        ]);
  const consumer = undo.use(
    consume({
      ...applying,
      batches,
      deadLetters: createDeadLetters(about),
      progress,
    }),
  );
  const resources = undo.move();
  return { check: () => consumer.check(), [Symbol.asyncDispose]: () => resources.disposeAsync() };
};
