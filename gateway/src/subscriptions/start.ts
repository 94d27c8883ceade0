import type { PushIterator } from '@rookery/runtime/iterators';

/** Starts the delivery. `onOverflow` is called if the reader is too slow, after the subscription has ended. */
export type SubscriptionStart = (onOverflow: () => void) => Subscription;

/**
 * The answers to one subscription's events, each as JSON (subscribers that share an event share its text); `closed`
 * resolves when there will be no more, whoever ended it.
 */
type Subscription = AsyncGenerator<string, undefined, undefined> &
  Pick<PushIterator<never, string>, 'deliverTo' | 'closed'>;
