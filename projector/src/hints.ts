import type { LiveTopic } from '@rookery/feeds';

/** Live topics to notify once a batch has become visible. */
export interface Hints {
  readonly topics: ReadonlySet<LiveTopic>;
  /** Authors with too many followers to list. All their followers are notified. */
  readonly broadcastAuthors: ReadonlySet<string>;
  /**
   * Events that count as applied only after this promise resolves, by position: their count takes long. If
   * absent, all events are applied.
   */
  readonly owed?: ReadonlyMap<number, Promise<void>>;
}

export const noHints: Hints = { topics: new Set(), broadcastAuthors: new Set() };

export const joinHints = (all: readonly Hints[]): Hints => {
  const owed = all.flatMap((hints) => [...(hints.owed ?? [])]);
  return {
    topics: new Set(all.flatMap(({ topics }) => [...topics])),
    broadcastAuthors: new Set(all.flatMap(({ broadcastAuthors }) => [...broadcastAuthors])),
    ...(owed.length > 0 ? { owed: joinOwed(owed) } : {}),
  };
};

const joinOwed = (owed: readonly (readonly [number, Promise<void>])[]): Map<number, Promise<void>> =>
  new Map(
    [...Map.groupBy(owed, ([position]) => position)].map(([position, group]) => {
      const [first, ...others] = new Set(group.map(([, promise]) => promise));
      if (!first || others.length === 0) return [position, first ?? Promise.resolve()];
      const all = Promise.all([first, ...others]).then(() => {});
      // No caller waits for this promise if the batch is dropped.
      all.catch(() => {});
      return [position, all];
    }),
  );

/**
 * Waits until all events of a batch are applied.
 * @throws the first error that prevents it
 */
export const settled = async (hints: Hints): Promise<Hints> => {
  if (hints.owed) await Promise.all(hints.owed.values());
  return hints;
};
