import { StatementTimeoutError } from '@rookery/document-store';
import type { EventStore } from '@rookery/event-store';
import type { Delivery } from '@rookery/message-queue';
import { backoffMs, type Logger } from '@rookery/runtime';
import type { StoredEvent } from '@rookery/schema/events';
import type { ProjectorMetrics } from './metrics.ts';

/** Attempts before an event becomes a dead letter, and the delays between them: 6.4 s in total. */
const tries = { max: 8, firstMs: 50, maxMs: 5_000 } as const;
/** Limits for an event whose statements time out: fewer, because each attempt delays other events. */
const slowTries = { max: 3, firstMs: 1_000, maxMs: 10_000 } as const;
/** Delay before the next attempt to add a dead letter. */
const addAgainMs = 1_000;
/** Maximum number of failing events whose attempts are counted. */
const maxCounted = 10_000;

export interface DeadLettersOptions {
  readonly projection: string;
  readonly eventStore: Pick<EventStore, 'addDeadLetter'>;
  readonly log: Logger;
  readonly metrics: ProjectorMetrics;
}

export interface DeadLetters {
  /** Records a failure caused by the event: schedules another attempt; after the last one it is a dead letter. */
  failed(delivery: Delivery<StoredEvent>, error: unknown): Promise<void>;
  /** Adds an event that no attempt can apply to the dead letters. */
  hopeless(delivery: Delivery<StoredEvent>, error: unknown): Promise<void>;
  /** Returns whether the event failed before. Such an event is applied alone, so that it cannot delay others. */
  hasFailed(delivery: Delivery<StoredEvent>): boolean;
  /** Forgets the failed attempts of events that were applied. */
  succeeded(deliveries: readonly Delivery<StoredEvent>[]): void;
}

/**
 * Moves events that cannot be applied to the dead letters, so that all others continue. Each worker makes at most
 * `tries.max` attempts with exponential backoff, then adds the event to the dead letters. Attempts are counted here
 * because the queue also counts deliveries that failed while a store was down.
 */
export const createDeadLetters = ({
  projection,
  eventStore,
  log,
  metrics,
}: DeadLettersOptions): DeadLetters => {
  const failedTries = new Map<number, number>();

  const add = async (delivery: Delivery<StoredEvent>, error: unknown, tried: number): Promise<void> => {
    const { value, sequence, payload } = delivery;
    const about = { error, tries: tried, ...describe(delivery) };
    try {
      await eventStore.addDeadLetter({
        by: projection,
        id: value?.event.id ?? String(sequence),
        position: sequence,
        error: explain(error),
        tries: tried,
        payload,
      });
    } catch (addError) {
      log.warn(
        { ...about, addError },
        'failed to add an event that cannot be applied to the dead letters; trying again',
      );
      delivery.retry(addAgainMs);
      return;
    }
    failedTries.delete(sequence);
    metrics.deadLetters.inc({ projection });
    log.error(about, 'added an event that cannot be applied to the dead letters');
    delivery.ack();
  };

  return {
    async failed(delivery, error) {
      const tried = (failedTries.get(delivery.sequence) ?? 0) + 1;
      const limits = error instanceof StatementTimeoutError ? slowTries : tries;
      if (tried >= limits.max) return add(delivery, error, tried);
      const [oldest] = failedTries.keys();
      if (failedTries.size >= maxCounted && oldest !== undefined) failedTries.delete(oldest);
      failedTries.set(delivery.sequence, tried);
      const wait = backoffMs(tried, { ...limits, jitter: 'none' });
      log.warn(
        { error, tries: tried, wait, ...describe(delivery) },
        'failed to apply an event; trying again',
      );
      delivery.retry(wait);
    },
    hasFailed: ({ sequence }) => failedTries.has(sequence),
    hopeless: (delivery, error) => add(delivery, error, 1),
    succeeded(deliveries) {
      if (failedTries.size > 0) for (const { sequence } of deliveries) failedTries.delete(sequence);
    },
  };
};

/** An event in the event store that a projection cannot apply. */
export interface Unapplied {
  readonly projection: string;
  readonly position: number;
  readonly error: unknown;
  readonly tries: number;
}

/** Adds an event that was not delivered, but read from the event store, to the dead letters. */
export const addDeadLetterAt = async (
  eventStore: Pick<EventStore, 'read' | 'addDeadLetter'>,
  { projection, position, error, tries }: Unapplied,
): Promise<void> => {
  const [stored] = await eventStore.read(position - 1, 1);
  if (stored?.position !== position) throw new Error(`the event store has no event at position ${position}`);
  await eventStore.addDeadLetter({
    by: projection,
    id: stored.event.id,
    position,
    error: explain(error),
    tries,
    payload: JSON.stringify(stored.event),
  });
};

const describe = ({ value, sequence }: Delivery<StoredEvent>) => ({
  position: sequence,
  ...(value ? { eventId: value.event.id, type: value.event.type, requestId: value.event.requestid } : {}),
});

/** Returns the error with its stack for the operator. It is stored and never sent to a client. */
const explain = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);
