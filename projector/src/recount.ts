import { type Documents, StatementTimeoutError, type Where } from '@rookery/document-store';
import { type CollectionName, type CountDoc, type CountKind, countId } from '@rookery/read-models';
import { forEachConcurrently } from '@rookery/runtime';
import type { SlowCounts } from './slow-counts.ts';

/** Sets whose members have just changed, by their common value. */
export interface ChangedSets {
  readonly kind: CountKind;
  readonly collection: CollectionName;
  readonly field: string;
  readonly where: Where;
  readonly values: ReadonlySet<string>;
}

export interface RecountOptions {
  /** Counts sets that take too long. Without it, such a set makes the whole recount fail. */
  readonly slow?: SlowCounts;
  /** Limit of one counting statement. Default: the limit of every statement. */
  readonly timeoutMs?: number;
}

/** One set, by the id of its count. */
interface ChangedSet {
  readonly set: ChangedSets;
  readonly value: string;
  readonly id: string;
}

/** Number of sets that are counted one by one concurrently, and maximum number of slow sets in one batch. */
const atOnce = 4;
const maxSlow = 16;

/**
 * Counts these sets and writes their sizes. Sets that take too long are counted in the background.
 * @returns the pending counts, by id
 * @throws StatementTimeoutError if a count takes too long and `slow` is absent
 */
export const recount = async (
  documents: Documents,
  changed: readonly ChangedSets[],
  { slow, timeoutMs }: RecountOptions = {},
): Promise<ReadonlyMap<string, Promise<void>>> => {
  const all = changed.flatMap((set) =>
    [...set.values].map((value): ChangedSet => ({ set, value, id: countId(set.kind, value) })),
  );
  const inTime = all.filter(({ id }) => !slow?.isSlow(id));
  const tooSlow = await countAndWrite(documents, inTime, timeoutMs);
  if (!slow && tooSlow.length > 0)
    throw new StatementTimeoutError(`counting took too long: ${tooSlow.map(({ id }) => id).join(', ')}`);
  const late = new Set([...all.filter((one) => !inTime.includes(one)), ...tooSlow]);
  return new Map(
    [...late].map((one) => {
      const counting = slow?.count(one.id, async (longest) => {
        const [failed] = await countAndWrite(documents, [one], longest);
        if (failed) throw new StatementTimeoutError(`the count of ${one.id} took longer than ${longest} ms`);
      });
      return [one.id, counting ?? Promise.resolve()];
    }),
  );
};

/**
 * Counts and writes by compare-and-set on the revision that was read before counting, so that an early count
 * cannot replace a later one.
 *
 * The size is written even if it is unchanged, so that a concurrent earlier count loses. Two rounds are
 * enough: a second loss means that another worker read the revision left by our first loss, hence after our
 * change, and counted after that.
 *
 * @returns the sets that took too long, whose counts are unchanged
 */
const countAndWrite = async (
  documents: Documents,
  sets: readonly ChangedSet[],
  timeoutMs: number | undefined,
): Promise<readonly ChangedSet[]> => {
  const counts = documents.collection<CountDoc>('counts');
  const tooSlow = new Set<ChangedSet>();
  let open = sets;
  for (let round = 1; round <= 2 && open.length > 0; round++) {
    const before = await counts.getMany(open.map(({ id }) => id));
    const sizes = await sizesOf(documents, open, timeoutMs);
    for (const one of open) if (!sizes.has(one)) tooSlow.add(one);
    const counted = open.filter((one) => sizes.has(one));
    const lost = new Set(
      await counts.putMany(
        counted.map((one) => ({
          id: one.id,
          revision: before.get(one.id)?.revision ?? 0,
          doc: { n: sizes.get(one) ?? 0 },
        })),
      ),
    );
    open = counted.filter(({ id }) => lost.has(id));
  }
  return [...tooSlow];
};

/**
 * Returns the size of each set that can be counted in time. Uses one statement for all sets of a kind unless
 * one is slow.
 */
const sizesOf = async (
  documents: Documents,
  sets: readonly ChangedSet[],
  timeoutMs: number | undefined,
): Promise<Map<ChangedSet, number>> => {
  const sizes = new Map<ChangedSet, number>();
  const count = async (some: readonly ChangedSet[]): Promise<void> => {
    const [first] = some;
    if (!first) return;
    const { collection, field, where } = first.set;
    const values = some.map(({ value }) => value);
    const limit = timeoutMs === undefined ? {} : { timeoutMs };
    const found = await documents.collection(collection).countBy(field, values, where, limit);
    for (const one of some) sizes.set(one, found.get(one.value) ?? 0);
  };
  let slow = 0;
  await Promise.all(
    [...Map.groupBy(sets, ({ set }) => set).values()].map(async (some) => {
      try {
        await count(some);
      } catch (error) {
        if (!(error instanceof StatementTimeoutError)) throw error;
        if (some.length === 1) return;
        // One set is to blame; the others must not suffer for it.
        await forEachConcurrently(some, atOnce, async (one) => {
          await count([one]).catch((alone: unknown) => {
            // If nearly all sets are slow, the store is to blame.
            if (!(alone instanceof StatementTimeoutError) || ++slow > maxSlow) throw alone;
          });
        });
      }
    }),
  );
  return sizes;
};
