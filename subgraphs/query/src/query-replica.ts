import { type DatabaseSystem, type Documents, StatementTimeoutError } from '@rookery/document-store';
import type { ReadReplica } from '@rookery/failover/read-replicas';
import type { Feeds } from '@rookery/feeds';
import { type Projection, projections } from '@rookery/read-models';
import { createPolicy, type Logger, type Policy, type PolicyMetrics } from '@rookery/runtime';
import { type Candidates, createCandidates } from './candidates.ts';
import type { Hints } from './hints.ts';
import type { QueryMetrics } from './metrics.ts';
import { type Progress, type ProgressTracker, trackProgress } from './progress.ts';
import { createReadAfter, type ReadAfter } from './read-after.ts';
import type { ReadCollection, ReadStore } from './read-store.ts';

/** A replica answers but has lost data. */
class LostDocumentsError extends Error {
  override name = 'LostDocumentsError';
}

/** One set of stores to read from. All that belongs together is read from the same one. */
export interface QueryReplica extends ReadReplica {
  readonly name: ReplicaName;
  /** Database of the documents, as in the attribute `db.system.name` of spans. */
  readonly system: DatabaseSystem;
  readonly documents: ReadStore;
  readonly hints: Hints;
  readonly progress: ProgressTracker;
  readonly readAfter: ReadAfter;
  readonly candidates: Candidates;
  readonly health: ReplicaHealth;
}

export type ReplicaName = 'primary' | 'standby';

type ReplicaHealth = ReadReplica['health'] & {
  readonly progress: Progress | undefined;
  /** @throws LostDocumentsError if progress has gone back, which only a loss of data can cause */
  demandWhole(): void;
};

export interface QueryReplicaOptions {
  readonly name: ReplicaName;
  readonly documents: Documents;
  /**
   * Documents from which feeds in Redis are filled. A replica of them may lack what the projector has just added to the
   * feeds that were held then, and a feed that is filled from it would never get it.
   */
  readonly fillFrom: Documents;
  /** Absent if this replica has no Redis: feeds then come from the documents. */
  readonly feeds?: Feeds | undefined;
  readonly hints: Hints;
  /** Id of each projection's progress document. */
  readonly progressOf: (projection: Projection) => string;
  /** True if there is another replica: no single read then waits long for this one. */
  readonly impatient: boolean;
  readonly readAfterTimeoutMs: number;
  readonly cap: number;
  readonly metrics: QueryMetrics;
  readonly policies: PolicyMetrics;
  readonly log: Logger;
}

/** Milliseconds. The documents give up by themselves after 2 s; Redis after 0.95 s. */
const timeoutsMs = { patient: 2_500, impatient: 1_000, redis: 1_100 } as const;
/** Reads on their way to the documents at once; the connections are far fewer, and the others wait for one. */
const maxReads = 1_024;
const maxFeedReads = 4_096;

/** Reads alone, each by the policy. */
const guarded = (documents: Documents, policy: Policy): ReadStore => ({
  collection<T>(name: string): ReadCollection<T> {
    const collection = documents.collection<T>(name);
    return {
      getMany: (ids) => policy.execute(() => collection.getMany(ids)),
      page: (request) => policy.execute(() => collection.page(request)),
      pageOf: (fields, request) => policy.execute(() => collection.pageOf(fields, request)),
    };
  },
});

/** Tracks the highest progress of each projection, to detect a decrease. */
const watchWhole = () => {
  const highest = new Map<Projection, number>();
  let last: Progress | undefined;
  let whole = true;
  return {
    note(progress: Progress): Progress {
      last = progress;
      whole = true;
      for (const name of projections) {
        const [now, before] = [progress.upTo([name]), highest.get(name) ?? 0];
        if (now < before) whole = false;
        else highest.set(name, now);
      }
      return progress;
    },
    get last() {
      return last;
    },
    get whole() {
      return whole;
    },
    get highest() {
      return projections.reduce((least, name) => Math.min(least, highest.get(name) ?? 0), Infinity);
    },
  };
};

export const openQueryReplica = (options: QueryReplicaOptions): QueryReplica => {
  const { name, feeds, hints, metrics, policies, log } = options;
  const documentsLink = createPolicy({
    name: `documents ${name}`,
    timeoutMs: options.impatient ? timeoutsMs.impatient : timeoutsMs.patient,
    // Going elsewhere is cheap, an error is not.
    breaker: {
      ...(options.impatient ? { size: 4, minimum: 2 } : { size: 10, minimum: 4 }),
      ...{ threshold: 0.5, halfOpenAfterMs: 300, maxPauseMs: 2_000 },
    },
    bulkhead: { limit: maxReads, queue: 0 },
    // A statement that takes too long slows itself; the others are answered.
    tellsOfTarget: (error) => !(error instanceof TypeError || error instanceof StatementTimeoutError),
    metrics: policies,
  });
  // One failure is enough: the documents have the same, and not every read need wait to find out.
  const redisLink = createPolicy({
    name: `redis ${name}`,
    timeoutMs: timeoutsMs.redis,
    breaker: { threshold: 0.3, size: 3, minimum: 1, halfOpenAfterMs: 500, maxPauseMs: 2_000 },
    bulkhead: { limit: maxFeedReads, queue: 0 },
    metrics: policies,
  });

  const documents = guarded(options.documents, documentsLink);
  const watch = watchWhole();
  const tracked = trackProgress(documents, hints, log.child({ subsystem: 'progress' }), {
    idOf: options.progressOf,
    // The hints of a standby leave out the projections that it shares with the primary.
    believesHints: name === 'primary' && options.fillFrom === options.documents,
  });
  const progress: ProgressTracker = { ...tracked, read: async () => watch.note(await tracked.read()) };
  const readAfter = createReadAfter(
    documents,
    progress,
    options.readAfterTimeoutMs,
    log.child({ subsystem: 'read-after' }),
  );
  const candidates = createCandidates({
    // The policy tells of the replica alone: a primary that is down must not close it.
    documents: options.fillFrom === options.documents ? documents : options.fillFrom,
    feeds: feeds && { store: feeds, link: redisLink },
    metrics,
    cap: options.cap,
    log: log.child({ subsystem: 'candidates' }),
  });

  return {
    name,
    system: options.documents.system,
    documents,
    hints,
    progress,
    readAfter,
    candidates,
    health: {
      get documents() {
        return documentsLink.state === 'closed' && watch.whole;
      },
      get redis() {
        return feeds !== undefined && redisLink.state === 'closed';
      },
      get progress() {
        return watch.last;
      },
      get highest() {
        return watch.highest;
      },
      demandWhole() {
        if (!watch.whole) throw new LostDocumentsError(`the ${name} documents have lost what they held`);
      },
      async probe(links = { documents: true, redis: true }) {
        await Promise.allSettled([
          links.documents ? progress.read() : undefined,
          links.redis && feeds ? redisLink.execute(() => feeds.ping()) : undefined,
        ]);
      },
    },
  };
};
