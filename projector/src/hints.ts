import type { LiveTopic } from '@rookery/stores/feeds';

/** Whom to tell that there is something new, once that has become visible. */
export interface Hints {
  readonly topics: ReadonlySet<LiveTopic>;
  /** Authors all of whose followers are to be told, too many to be listed here. */
  readonly crowds: ReadonlySet<string>;
}

export const noHints: Hints = { topics: new Set(), crowds: new Set() };

export const joinHints = (all: readonly Hints[]): Hints => ({
  topics: new Set(all.flatMap(({ topics }) => [...topics])),
  crowds: new Set(all.flatMap(({ crowds }) => [...crowds])),
});
