import type { LiveTopic } from '@rookery/stores/feeds';

/** Whom to tell that there is something new, once that has become visible. */
export interface Hints {
  readonly topics: ReadonlySet<LiveTopic>;
  /** Authors all of whose followers are to be told, too many to be listed here. */
  readonly crowds: ReadonlySet<string>;
  /**
   * Events that are applied only once this resolves, by position: a count that takes long. Missing: all of them are
   * applied.
   */
  readonly owed?: ReadonlyMap<number, Promise<void>>;
}

export const noHints: Hints = { topics: new Set(), crowds: new Set() };

export const joinHints = (all: readonly Hints[]): Hints => {
  const owed = all.flatMap((hints) => [...(hints.owed ?? [])]);
  return {
    topics: new Set(all.flatMap(({ topics }) => [...topics])),
    crowds: new Set(all.flatMap(({ crowds }) => [...crowds])),
    ...(owed.length > 0 ? { owed: joinOwed(owed) } : {}),
  };
};

const joinOwed = (owed: readonly (readonly [number, Promise<void>])[]): Map<number, Promise<void>> =>
  new Map(
    [...Map.groupBy(owed, ([position]) => position)].map(([position, group]) => {
      const [first, ...others] = new Set(group.map(([, promise]) => promise));
      if (!first || others.length === 0) return [position, first ?? Promise.resolve()];
      const all = Promise.all([first, ...others]).then(() => {});
      // If the batch is dropped, nobody waits for this.
      all.catch(() => {});
      return [position, all];
    }),
  );

/** Waits until all events of a batch are applied. @throws what kept one from it */
export const settled = async (hints: Hints): Promise<Hints> => {
  if (hints.owed) await Promise.all(hints.owed.values());
  return hints;
};
