import type { LiveTopic } from '@rookery/feeds';

/** Live topics to notify once a batch has become visible. */
export interface Hints {
  readonly topics: ReadonlySet<LiveTopic>;
  /**
   * Events that count as applied only after this promise resolves, by position: their count takes long. If
   * absent, all events are applied.
   */
  readonly pending?: ReadonlyMap<number, Promise<void>>;
}

export const noHints: Hints = { topics: new Set() };

export const joinHints = (all: readonly Hints[]): Hints => {
  const pending = all.flatMap((hints) => [...(hints.pending ?? [])]);
  return {
    topics: new Set(all.flatMap(({ topics }) => [...topics])),
    ...(pending.length > 0 ? { pending: joinPending(pending) } : {}),
  };
};

const joinPending = (pending: readonly (readonly [number, Promise<void>])[]): Map<number, Promise<void>> =>
  new Map(
    [...Map.groupBy(pending, ([position]) => position)].map(([position, group]) => {
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
export const whenApplied = async (hints: Hints): Promise<Hints> => {
  if (hints.pending) await Promise.all(hints.pending.values());
  return hints;
};
