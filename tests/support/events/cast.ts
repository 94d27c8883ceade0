import type { EventData, EventName } from '@rookery/schema/events';

/* The people, posts, lists and words of random histories. There are few of each, so that all collisions occur. */

export const id = (kind: string, n: number): string =>
  `${kind}0000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
export const users = [1, 2, 3, 4].map((n) => id('a', n));
export const posts = [1, 2, 3].map((n) => id('b', n));
export const lists = [1, 2].map((n) => id('c', n));
/** Words of texts, names and handles. */
export const words = ['rook', 'crow', 'jay', 'daw'] as const;

/** An event without its position: its kind, actor, subject and time. */
export interface Fact<N extends EventName = EventName> {
  readonly name: N;
  readonly actor: string;
  readonly subject: string;
  /** Milliseconds after an arbitrary start. */
  readonly at: number;
  readonly data: EventData<N>;
  /** Id of the event. Arbitrary if the id has no meaning. */
  readonly id?: string;
}
