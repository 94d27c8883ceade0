import { type ProjectionProgress, progressIn } from '@rookery/message-queue';
import { type CheckpointDoc, type Projection, projections } from '@rookery/read-models';
import { type Logger, oneAtATime } from '@rookery/runtime';
import type { Hints } from './hints.ts';
import type { ReadStore } from './read-store.ts';
import { createSignal } from './signal.ts';

/** Progress of the projections at one moment. */
export interface Progress {
  /** Everything up to here has been applied by all of these projections. */
  upTo(which?: readonly Projection[]): number;
  /** Returns the position and the rate of one projection. */
  of(projection: Projection): ProjectionProgress;
  /** The generation of the feeds in Redis that is whole up to the same moment. */
  readonly epoch: number;
}

/**
 * Projections that a feed item depends on. Up to the position that all three have reached, an item that is
 * not visible is not merely missing its post or author, so it is safe to skip it.
 */
export const feedProjections = ['feeds', 'posts', 'profiles'] as const satisfies Projection[];

/** Projections that a notification depends on, likewise. */
export const notificationProjections = [
  ...feedProjections,
  'reactions',
  'notifications',
] as const satisfies Projection[];

export interface ProgressTracker {
  /** As it is now: at most one round trip at a time, however many ask. */
  read(): Promise<Progress>;
  /**
   * As the projector has told last, which usually takes no round trip. It may be a little older than now, and does not
   * show for a second that data was lost.
   */
  latest(): Promise<Progress>;
  /** Calls back whenever a projection has got further than `since`, until the returned function is called. */
  watch(since: Progress, onAdvance: () => void): () => void;
  close(): void;
}

export interface TrackOptions {
  /** Id of each projection's progress document. */
  readonly idOf?: (projection: Projection) => string;
  /** False if these documents may be older than what the hints tell, as those of a read replica are. */
  readonly believesHints?: boolean;
}

/** Polling interval with and without Redis. */
const pollIntervalMs = { connected: 1_000, alone: 100 };
/** Time after a read for which hints are believed. */
const believedForMs = 1_000;

/** Time for which hints are listened to after somebody has asked. */
const listenForMs = 10_000;

/** Hint that the projector publishes when it has raised a checkpoint. */
interface ProgressHint {
  /** Id of the checkpoint document. */
  readonly projection: string;
  readonly checkpoint: CheckpointDoc;
}

const asProgress = (docOf: (projection: Projection) => CheckpointDoc | undefined): Progress => ({
  upTo: (which = projections) => Math.min(...which.map((name) => docOf(name)?.position ?? 0)),
  of: (projection) => progressIn(docOf(projection)),
  epoch: docOf('feeds')?.epoch ?? 0,
});

const isFurther = (now: Progress, since: Progress): boolean =>
  projections.some((name) => now.upTo([name]) > since.upTo([name]));

/** Tracks the progress of the projections: by hints if Redis is available, otherwise by polling. */
export const trackProgress = (
  documents: ReadStore,
  hints: Hints,
  log: Logger,
  { idOf = (projection) => projection, believesHints = false }: TrackOptions = {},
): ProgressTracker => {
  const collection = documents.collection<CheckpointDoc>('progress');
  const told = createToldProgress(idOf);
  const read = oneAtATime(async () => {
    const askedAt = performance.now();
    const docs = await collection.getMany(projections.map(idOf));
    told.noteRead(askedAt, (projection) => docs.get(idOf(projection))?.doc);
    return asProgress((projection) => docs.get(idOf(projection))?.doc);
  });
  const watchers = new Map<() => void, Progress>();
  const closed = new AbortController();
  const wake = createSignal();

  const callWatchers = (now: Progress): void => {
    for (const [onAdvance, since] of [...watchers]) {
      if (!isFurther(now, since)) continue;
      watchers.set(onAdvance, now);
      onAdvance();
    }
  };

  let askedAt = Number.NEGATIVE_INFINITY;
  let stopListening: (() => void) | undefined;
  /** Time since which every raised checkpoint is heard of. */
  let completeSince = Number.POSITIVE_INFINITY;
  const stopWatchingConnection = hints.watchConnection(() => {
    completeSince = hints.connected && stopListening ? performance.now() : Number.POSITIVE_INFINITY;
  });
  const endListening = (): void => {
    stopListening?.();
    stopListening = undefined;
    completeSince = Number.POSITIVE_INFINITY;
  };
  const hear = (hint: unknown): void => {
    if (believesHints && told.note(hint)) {
      callWatchers(told.progress);
      if (watchers.size === 0 && performance.now() - askedAt > listenForMs) endListening();
      return;
    }
    // Listening has just begun, or a projector of an earlier version does not tell enough.
    completeSince = hint === undefined ? performance.now() : Number.POSITIVE_INFINITY;
    wake.set();
  };
  /** Listens for as long as somebody waits or asks, since every hint costs time. */
  const listen = (): void => {
    askedAt = performance.now();
    stopListening ??= hints.watch('progress', (_traces, hint) => hear(hint));
  };

  let following = false;
  /** Reads for as long as there are watchers: at intervals, and at each hint that is not believed. */
  const follow = async (): Promise<void> => {
    if (following) return;
    following = true;
    while (watchers.size > 0 && !closed.signal.aborted) {
      await read()
        .then(callWatchers)
        .catch((error) => log.debug({ error }, 'failed to read progress'));
      await wake.wait(hints.connected ? pollIntervalMs.connected : pollIntervalMs.alone, closed.signal);
    }
    following = false;
  };

  return {
    read,
    async latest() {
      listen();
      const { readAt } = told;
      const isKnown = readAt >= completeSince && performance.now() - readAt < believedForMs;
      return believesHints && isKnown ? told.progress : read();
    },
    watch(since, onAdvance) {
      watchers.set(onAdvance, since);
      listen();
      // It may have been told since.
      callWatchers(told.progress);
      void follow();
      return () => {
        watchers.delete(onAdvance);
        if (watchers.size === 0) wake.set();
      };
    },
    close() {
      closed.abort();
      stopWatchingConnection();
      endListening();
    },
  };
};

/** The checkpoints as they were read last, or as the projector has told since. */
const createToldProgress = (idOf: (projection: Projection) => string) => {
  const newest = new Map<Projection, { readonly doc: CheckpointDoc; readonly at: number }>();
  const byId = new Map(projections.map((projection) => [idOf(projection), projection]));
  let readAt = Number.NEGATIVE_INFINITY;
  return {
    /** Time at which the last read began. */
    get readAt() {
      return readAt;
    },
    get progress(): Progress {
      const docs = new Map([...newest].map(([projection, { doc }]) => [projection, doc]));
      return asProgress((projection) => docs.get(projection));
    },
    /** Notes a read. A position that was told before it and that it does not reach is lost. */
    noteRead(askedAt: number, docOf: (projection: Projection) => CheckpointDoc | undefined): void {
      readAt = askedAt;
      for (const projection of projections) {
        const doc = docOf(projection);
        const known = newest.get(projection);
        if (known && known.at > askedAt && known.doc.position >= (doc?.position ?? 0)) continue;
        if (doc) newest.set(projection, { doc, at: askedAt });
        else newest.delete(projection);
      }
    },
    /** Returns false for what is no checkpoint: listening has just begun, or the projector is of an earlier version. */
    note(hint: unknown): boolean {
      const { projection: id, checkpoint } = (hint ?? {}) as Partial<ProgressHint>;
      if (id === undefined || checkpoint === undefined) return false;
      const projection = byId.get(id);
      if (projection === undefined) return true;
      if (checkpoint.position > (newest.get(projection)?.doc.position ?? 0))
        newest.set(projection, { doc: checkpoint, at: performance.now() });
      return true;
    },
  };
};
