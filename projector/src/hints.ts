import type { LiveTopic } from '@rookery/feeds';

/** Live topics to notify once a batch has become visible. */
export interface Hints {
  readonly topics: ReadonlySet<LiveTopic>;
}

export const noHints: Hints = { topics: new Set() };

export const joinHints = (all: readonly Hints[]): Hints => ({
  topics: new Set(all.flatMap(({ topics }) => [...topics])),
});
