import { setTimeout } from 'node:timers/promises';
import type { Collection, Documents, Stored } from '@rookery/document-store';
import type { EventStore } from '@rookery/event-store';
import type { Feeds } from '@rookery/feeds';
import { type CollectionName, collectionsOf, countKindsOf } from '@rookery/read-models';
import { readProgress } from '../progress-document.ts';
import { type Backfill, createBackfill } from '../rebuild/backfill.ts';
import type { Pace } from '../rebuild/pace.ts';
import { patiently } from '../rebuild/patience.ts';
import { createRanges, rangeSize } from '../rebuild/ranges.ts';
import { findTargets } from '../rebuild/targets.ts';
import { compare, type Difference, difference } from './differences.ts';
import { feedDifference, heldFeeds } from './feeds.ts';
import { scratchGeneration } from './scratch.ts';
import { VerificationUnavailableError } from './verification-unavailable.ts';

export interface VerifyOptions {
  readonly documents: Documents;
  readonly eventStore: Pick<EventStore, 'head' | 'read' | 'parked' | 'settled'>;
  /** If absent, the feeds in Redis are not compared. */
  readonly feeds?: Pick<Feeds, 'held' | 'dump' | 'drop'>;
  /** Value of FEED_CAP. */
  readonly cap: number;
  readonly projections: readonly string[];
  /** Repairs the differences. */
  readonly repair?: boolean;
  readonly signal: AbortSignal;
  readonly pace?: Pace | undefined;
  readonly onProgress?: (progress: VerifyProgress) => void;
}

export interface VerifyProgress {
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

/** Maximum number of comparisons of each suspect, each at its own position. */
const mostLooks = 6;
/** Maximum wait for the projections to advance. Milliseconds. */
const timeoutMs = 20_000;
/** Number of suspects that are compared again at a time. */
const atOnce = 500;

interface Suspect {
  readonly projection: string;
  readonly where: CollectionName;
  readonly id: string;
}

/**
 * Compares the live documents and feeds with the result of the event store while both change: each suspect is
 * compared again at one position, before and after, until it has not changed in between.
 * @throws VerificationUnavailableError
 */
export const verify = async (options: VerifyOptions): Promise<Verified> => {
  const { documents, eventStore, projections, signal, pace, onProgress } = options;
  await using scratch = await scratchGeneration(documents, projections, signal);
  const targets = await patiently(signal, () => findTargets(options, scratch.generation));
  const backfill = createBackfill({ eventStore, targets, signal, pace });
  const rebuilt = documents.at(() => scratch.generation);
  const generations = await patiently(signal, () => documents.generations(true));
  const live = documents.at((projection) => generations.of(projection).live);

  const head = await patiently(signal, () => eventStore.head());
  const ranges = createRanges(rangeSize, head, { upTo: 0, beyond: [] });
  await backfill.load(ranges, undefined, async () =>
    onProgress?.({ what: 'rebuilding', done: ranges.upTo, of: head }),
  );
  await backfill.count();
  const clock = createClock({ documents, eventStore, projections, backfill, from: head, signal });
  await patiently(signal, () => clock.liveHas(head));

  let compared = 0;
  const count = () => {
    compared += 1;
    if (compared % 1_000 === 0) onProgress?.({ what: 'comparing documents', done: compared });
  };
  const suspects: Suspect[] = [];
  for (const [projection, where, prefix] of parts(projections)) {
    const sides = [live, rebuilt].map((side) => side.collection<unknown>(where));
    const [one, other] = sides as [Collection<unknown>, Collection<unknown>];
    for await (const id of compare(one, other, prefix, count, signal)) {
      signal.throwIfAborted();
      suspects.push({ projection, where, id });
    }
  }

  const differences: Difference[] = [];
  const unsettled: string[] = [];
  let repaired = 0;
  for (let i = 0; i < suspects.length; i += atOnce) {
    let open: readonly Suspect[] = suspects.slice(i, i + atOnce);
    for (let looks = 1; looks <= mostLooks && open.length > 0; looks++) {
      const looked = open;
      const lookAt = (side: Documents) => patiently(signal, () => look(side, looked));
      const before = await lookAt(live);
      await patiently(signal, clock.advance);
      const expected = await lookAt(rebuilt);
      const after = await lookAt(live);
      const moving: Suspect[] = [];
      for (const suspect of open) {
        const key = keyOf(suspect);
        const [first, now, wanted] = [before.get(key), after.get(key), expected.get(key)];
        const found = difference(suspect, now?.doc, wanted?.doc);
        // It was correct at that position, or just before, and has changed since.
        if (!found || !difference(suspect, first?.doc, wanted?.doc)) continue;
        // It did not change from before that position until after it: this is its live state at that
        // position.
        if (first?.revision !== now?.revision || difference(suspect, first?.doc, now?.doc)) {
          moving.push(suspect);
          continue;
        }
        const mended =
          options.repair && (await mend(live.collection(suspect.where), now, wanted, suspect.id));
        // Another process has just written it and may have repaired it, so the current state must be compared
        // again.
        if (options.repair && !mended && looks < mostLooks) {
          moving.push(suspect);
          continue;
        }
        differences.push(found);
        if (mended) repaired += 1;
      }
      open = moving;
    }
    unsettled.push(...open.map(keyOf));
  }

  let feedsCompared = 0;
  const { feeds, cap } = options;
  if (feeds && projections.includes('feeds')) {
    for await (const one of heldFeeds(documents, feeds)) {
      signal.throwIfAborted();
      feedsCompared += 1;
      for (let looks = 1; ; looks++) {
        const before = await patiently(signal, () => feeds.dump(one.key));
        if (!before) break;
        const compared = () =>
          patiently(signal, () =>
            feedDifference({ documents, rebuilt, cap, upTo: clock.position }, one, before),
          );
        if (!(await compared())) break;
        await patiently(signal, clock.advance);
        const found = await compared();
        if (!found) break;
        const after = await patiently(signal, () => feeds.dump(one.key));
        if (!after) break;
        if (JSON.stringify(after) !== JSON.stringify(before)) {
          if (looks < mostLooks) continue;
          unsettled.push(`redis/${one.key}`);
          break;
        }
        differences.push(found);
        if (options.repair) {
          await feeds.drop([one.key]);
          repaired += 1;
        }
        break;
      }
      onProgress?.({ what: 'comparing feeds', done: feedsCompared });
    }
  }

  const now = await patiently(signal, () => documents.generations(true));
  if (projections.some((name) => now.of(name).live !== generations.of(name).live)) {
    throw new VerificationUnavailableError('another generation has become live meanwhile: verify again');
  }
  return {
    position: clock.position,
    documents: compared,
    feeds: feedsCompared,
    differences,
    unsettled,
    repaired,
  };
};

const keyOf = ({ where, id }: Suspect): string => `${where}/${id}`;

/** Returns the parts to compare: each collection of each projection, and its kinds of counts. */
const parts = (
  projections: readonly string[],
): (readonly [projection: string, where: CollectionName, prefix: string])[] =>
  projections.flatMap((projection) => [
    ...collectionsOf(projection).map((name) => [projection, name, ''] as const),
    ...countKindsOf(projection).map((kind) => [projection, 'counts', `${kind}:`] as const),
  ]);

const look = async (
  documents: Documents,
  suspects: readonly Suspect[],
): Promise<Map<string, Stored<unknown>>> => {
  const found = new Map<string, Stored<unknown>>();
  for (const where of new Set(suspects.map((suspect) => suspect.where))) {
    const ids = suspects.flatMap((suspect) => (suspect.where === where ? [suspect.id] : []));
    for (const [id, stored] of await documents.collection<unknown>(where).getMany(ids)) {
      found.set(`${where}/${id}`, stored);
    }
  }
  return found;
};

/** Writes the correct document, unless another process writes it at the same moment. */
const mend = async (
  live: Collection<unknown>,
  now: Stored<unknown> | undefined,
  wanted: Stored<unknown> | undefined,
  id: string,
): Promise<boolean> => {
  const lost = wanted
    ? await live.putMany([{ id, revision: now?.revision ?? 0, doc: wanted.doc }])
    : now
      ? await live.removeMany([now])
      : [];
  return lost.length === 0;
};

/** Brings the rebuilt side and the live side to one position. */
const createClock = ({
  documents,
  eventStore,
  projections,
  backfill,
  from,
  signal,
}: Pick<VerifyOptions, 'documents' | 'eventStore' | 'projections' | 'signal'> & {
  readonly backfill: Backfill;
  readonly from: number;
}) => {
  let position = from;
  const liveHas = async (wanted: number): Promise<void> => {
    let [seen, since] = [-1, performance.now()];
    for (;;) {
      signal.throwIfAborted();
      const positions = await Promise.all(projections.map((name) => readProgress(documents, name)));
      const least = Math.min(...positions.map((one) => one.position));
      if (least >= wanted) return;
      if (least > seen) [seen, since] = [least, performance.now()];
      if (performance.now() - since > timeoutMs) {
        throw new VerificationUnavailableError(
          `the projections stand at ${least} of ${wanted}: they have to catch up first`,
        );
      }
      await setTimeout(25);
    }
  };
  return {
    get position() {
      return position;
    },
    liveHas,
    /** Advances to the newest position. */
    async advance(): Promise<void> {
      const head = await eventStore.head();
      while (position < head) position = await backfill.follow(position, head);
      await liveHas(head);
    },
  };
};
