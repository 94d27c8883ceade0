import {
  type CollectionName,
  type CountDoc,
  type CountKind,
  countId,
  type Documents,
  type Where,
} from '@rookery/stores/documents';

/** Sets whose members have just changed, by the value that they share. */
export interface ChangedSets {
  readonly kind: CountKind;
  readonly collection: CollectionName;
  readonly field: string;
  readonly where: Where;
  readonly values: ReadonlySet<string>;
}

/**
 * Counts these sets and writes their sizes: each by compare-and-set on the revision that was read before counting,
 * so that a size which was counted too early can't replace a later one.
 *
 * It is always written, also where the size is the same: what matters is that an earlier reader loses. And twice is
 * enough: who loses the second time lost to somebody who read the revision that our first loss had left, hence
 * after our change, and who counted after that.
 */
export const recount = async (documents: Documents, changed: readonly ChangedSets[]): Promise<void> => {
  const counts = documents.collection<CountDoc>('counts');
  let open = changed.flatMap((set) =>
    [...set.values].map((value) => ({ set, value, id: countId(set.kind, value) })),
  );
  for (let round = 1; round <= 2 && open.length > 0; round++) {
    const before = await counts.getMany(open.map(({ id }) => id));
    const sizes = new Map(
      await Promise.all(
        changed.map(async (set) => {
          const values = open.flatMap((one) => (one.set === set ? [one.value] : []));
          const { collection, field, where } = set;
          return [set, await documents.collection(collection).countBy(field, values, where)] as const;
        }),
      ),
    );
    const lost = new Set(
      await counts.putMany(
        open.map(({ set, value, id }) => ({
          id,
          revision: before.get(id)?.revision ?? 0,
          doc: { n: sizes.get(set)?.get(value) ?? 0 },
        })),
      ),
    );
    open = open.filter(({ id }) => lost.has(id));
  }
};
