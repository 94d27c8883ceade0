import type { Logger } from '@rookery/service';
import { StatementTimeout } from '@rookery/stores/documents';
import type { EventStore, StoredEvent } from '@rookery/stores/event-store';
import type { Delivery } from '@rookery/stores/queue';
import type { ProjectorMetrics } from './metrics.ts';

/** Tries before an event is set aside, and the waits between them: 6.4 s in all. Milliseconds. */
export const tries = { most: 8, firstWait: 50, longestWait: 5_000 } as const;
/** The same for an event whose statements take too long: each try costs the others a while. */
export const slowTries = { most: 3, firstWait: 1_000, longestWait: 10_000 } as const;
/** Wait where it can't be set aside right now. Milliseconds. */
const parkAgain = 1_000;
/** Failing events whose tries are remembered. */
const mostRemembered = 10_000;

export interface ParkingOptions {
  readonly projection: string;
  readonly eventStore: Pick<EventStore, 'park'>;
  readonly log: Logger;
  readonly metrics: ProjectorMetrics;
}

export interface Parking {
  /** The event itself made it fail: once more after a while, and after the last try it is set aside. */
  failed(delivery: Delivery<StoredEvent>, error: unknown): Promise<void>;
  /** No try will make a difference: set aside at once. */
  hopeless(delivery: Delivery<StoredEvent>, error: unknown): Promise<void>;
  /** Returns whether it failed before: then it is tried by itself, so that no other event suffers for it. */
  hasFailed(delivery: Delivery<StoredEvent>): boolean;
  /** Forgets the tries of what has been applied after all. */
  succeeded(deliveries: readonly Delivery<StoredEvent>[]): void;
}

/**
 * Sets events aside that can't be applied, so that everything else flows: at most `tries.most` tries for each worker,
 * with exponential back-off, then the event goes to the event store's table of parked events. The tries are counted
 * here and not by the queue, which also counts deliveries that failed for want of a store.
 */
export const createParking = ({ projection, eventStore, log, metrics }: ParkingOptions): Parking => {
  const failedTries = new Map<number, number>();

  const park = async (delivery: Delivery<StoredEvent>, error: unknown, tried: number): Promise<void> => {
    const { value, sequence, payload } = delivery;
    const about = { error, tries: tried, ...describe(delivery) };
    try {
      await eventStore.park({
        by: projection,
        id: value?.event.id ?? String(sequence),
        position: sequence,
        error: explain(error),
        tries: tried,
        payload,
      });
    } catch (unparkable) {
      log.warn({ ...about, unparkable }, 'an event can neither be applied nor set aside for now');
      delivery.retry(parkAgain);
      return;
    }
    failedTries.delete(sequence);
    metrics.parked.inc({ projection });
    log.error(about, 'an event was set aside');
    delivery.ack();
  };

  return {
    async failed(delivery, error) {
      const tried = (failedTries.get(delivery.sequence) ?? 0) + 1;
      const limits = error instanceof StatementTimeout ? slowTries : tries;
      if (tried >= limits.most) return park(delivery, error, tried);
      const [oldest] = failedTries.keys();
      if (failedTries.size >= mostRemembered && oldest !== undefined) failedTries.delete(oldest);
      failedTries.set(delivery.sequence, tried);
      const wait = Math.min(limits.longestWait, limits.firstWait * 2 ** (tried - 1));
      log.warn({ error, tries: tried, wait, ...describe(delivery) }, 'an event could not be applied');
      delivery.retry(wait);
    },
    hasFailed: ({ sequence }) => failedTries.has(sequence),
    hopeless: (delivery, error) => park(delivery, error, 1),
    succeeded(deliveries) {
      if (failedTries.size > 0) for (const { sequence } of deliveries) failedTries.delete(sequence);
    },
  };
};

const describe = ({ value, sequence }: Delivery<StoredEvent>) => ({
  position: sequence,
  ...(value ? { eventId: value.event.id, type: value.event.type, requestId: value.event.requestid } : {}),
});

/** With the stack: an operator has to find out why. It goes to the store and never to a client. */
const explain = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);
