import type { LiveTopic } from '@rookery/feeds';

/** Effect of a batch on readers. */
export interface Hints {
  /** Live topics to notify once the batch has become visible. */
  readonly topics: ReadonlySet<LiveTopic>;
  /** True if its events concern no document of the projection, so that no reader waits for it. */
  readonly isIdle?: boolean;
}

export const noHints: Hints = { topics: new Set(), isIdle: true };

export const joinHints = (all: readonly Hints[]): Hints => ({
  topics: new Set(all.flatMap(({ topics }) => [...topics])),
  isIdle: all.every(({ isIdle = false }) => isIdle),
});
