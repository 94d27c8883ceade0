import type { Documents } from '@rookery/document-store';
import type { EventStore } from '@rookery/event-store';
import type { Feeds } from '@rookery/feeds';
import { type Backfill, createBackfill } from '../rebuild/backfill.ts';
import type { Pace } from '../rebuild/pace.ts';
import { createRanges, rangeSize } from '../rebuild/ranges.ts';
import { retryWhileDown } from '../rebuild/retry.ts';
import { findTargets } from '../rebuild/targets.ts';
import { compareDocuments } from './compare-documents.ts';
import { compareFeeds } from './compare-feeds.ts';
import type { Comparison, Findings } from './comparison.ts';
import { ComparisonClock } from './comparison-clock.ts';
import type { Difference } from './differences.ts';
import { scratchGeneration } from './scratch.ts';
import { VerificationUnavailableError } from './verification-unavailable.ts';

export interface VerifyOptions {
  readonly documents: Documents;
  readonly eventStore: Pick<EventStore, 'head' | 'read' | 'deadLetters' | 'resolvedDeadLetters'>;
  /** If absent, the feeds in Redis are not compared. */
  readonly feeds?: Pick<Feeds, 'held' | 'dump' | 'drop'>;
  /** Value of FEED_CAP. */
  readonly cap: number;
  readonly projections: readonly string[];
  /** Repairs the differences. */
  readonly repair?: boolean;
  /** Maximum wait for projections that do not advance, in milliseconds. Default: 20 s. */
  readonly timeoutMs?: number;
  readonly signal: AbortSignal;
  readonly pace?: Pace | undefined;
  readonly onProgress?: (progress: VerifyProgress) => void;
}

interface VerifyProgress {
  /** Unit of `rebuilding`: events; of the others: documents, then feeds. */
  readonly what: 'rebuilding' | 'comparing documents' | 'comparing feeds';
  readonly done: number;
  /** Undefined if unknown. */
  readonly of?: number;
}

export interface Verified {
  /** Position of the event store at which the sides were compared. */
  readonly position: number;
  readonly documents: number;
  readonly feeds: number;
  readonly differences: readonly Difference[];
  /** Ids that changed during each comparison, so that nothing is known about them. */
  readonly unsettled: readonly string[];
  /** Number of repaired differences. */
  readonly repaired: number;
}

/**
 * Compares the live documents and feeds with the result of the event store while both change: each suspect is
 * compared again at one position, before and after, until it has not changed in between.
 * @throws VerificationUnavailableError
 */
export const verify = async (options: VerifyOptions): Promise<Verified> => {
  const { documents, eventStore, projections, repair = false, timeoutMs, signal, pace, onProgress } = options;
  await using scratch = await scratchGeneration(documents, projections, signal);
  const targets = await retryWhileDown(signal, () => findTargets(options, scratch.generation));
  const backfill = createBackfill({ eventStore, targets, signal, pace });
  const generations = await retryWhileDown(signal, () => documents.generations(true));

  const head = await loadEverything(options, backfill);
  const clock = new ComparisonClock({
    ...{ documents, eventStore, projections, backfill },
    ...{ from: head, timeoutMs, signal },
  });
  await retryWhileDown(signal, () => clock.awaitLive(head));

  const comparison: Comparison = {
    live: documents.at((projection) => generations.of(projection).live),
    rebuilt: documents.at(() => scratch.generation),
    clock,
    repair,
    signal,
  };
  const ofDocuments = await compareDocuments(comparison, projections, (done) =>
    onProgress?.({ what: 'comparing documents', done }),
  );
  const ofFeeds = await compareHeldFeeds(options, comparison);

  const now = await retryWhileDown(signal, () => documents.generations(true));
  if (projections.some((name) => now.of(name).live !== generations.of(name).live)) {
    throw new VerificationUnavailableError('another generation has become live meanwhile: verify again');
  }
  return {
    position: clock.position,
    documents: ofDocuments.compared,
    feeds: ofFeeds.compared,
    differences: [...ofDocuments.differences, ...ofFeeds.differences],
    unsettled: [...ofDocuments.unsettled, ...ofFeeds.unsettled],
    repaired: ofDocuments.repaired + ofFeeds.repaired,
  };
};

/** Loads all events into the scratch generation. Returns the position that it has reached. */
const loadEverything = async (
  { eventStore, signal, onProgress }: VerifyOptions,
  backfill: Backfill,
): Promise<number> => {
  const head = await retryWhileDown(signal, () => eventStore.head());
  const ranges = createRanges(rangeSize, head, { upTo: 0, beyond: [] });
  await backfill.load(ranges, undefined, async () =>
    onProgress?.({ what: 'rebuilding', done: ranges.upTo, of: head }),
  );
  await backfill.count();
  return head;
};

const noFindings: Findings = { compared: 0, differences: [], unsettled: [], repaired: 0 };

const compareHeldFeeds = async (
  { documents, feeds, cap, projections, onProgress }: VerifyOptions,
  comparison: Comparison,
): Promise<Findings> => {
  if (!feeds || !projections.includes('feeds')) return noFindings;
  return compareFeeds(comparison, {
    documents,
    feeds,
    cap,
    onProgress: (done) => onProgress?.({ what: 'comparing feeds', done }),
  });
};
