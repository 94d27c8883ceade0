import { createHash } from 'node:crypto';
import {
  type Appended,
  type AppendedEvent,
  type EventStore,
  type EventWriter,
  UnstorableEventError,
} from '@rookery/event-store';
import type { Delivery, Queue } from '@rookery/message-queue';
import { crashPoint, isSampled, isTracing, type Logger, type Span, startSpan } from '@rookery/runtime';
import { type Envelope, rejectionOf } from '@rookery/schema/events';
import { EventRelay } from './event-relay.ts';
import { gather } from './gathering.ts';
import type { RecorderMetrics } from './metrics.ts';

export interface RecordOptions {
  readonly store: EventStore;
  readonly queue: Queue;
  readonly writer: EventWriter;
  readonly metrics: RecorderMetrics;
  readonly log: Logger;
  /** Requests a graceful stop. */
  readonly signal: AbortSignal;
  /** Called once recording has begun. */
  readonly began: (relay: EventRelay) => void;
}

/** Maximum number of messages in a batch. */
const batchSize = 1_000;

/** A delivery that holds an event. */
type Readable = Delivery<Envelope> & { readonly value: Envelope };
const isReadable = (delivery: Delivery<Envelope>): delivery is Readable => delivery.value !== undefined;

/**
 * Records while this process is the writer: pull a batch, append it, publish it to RECORDED, acknowledge it. While a batch is
 * appended, the next one is pulled and read, and the previous ones are published. Small batches are gathered (gathering.ts). Returns
 * after a requested stop.
 * @throws if the lock is lost, the event store fails, or the store and RECORDED belong to different histories
 */
export const record = async ({
  store,
  queue,
  writer,
  metrics,
  log,
  signal,
  began,
}: RecordOptions): Promise<void> => {
  await queue.prepare();
  await queue.takeOver();
  const head = await store.head();
  const relay = new EventRelay({ store, queue, log, head });
  const batches = await queue.activity(batchSize);
  let failure: Error | undefined;
  const halting = new AbortController();
  const end = (why?: Error): void => {
    failure ??= why;
    halting.abort();
    void batches.stop();
  };
  const stop = () => end();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  void writer.lost.then(end);
  void relay.failed.then(end);
  began(relay);
  log.info({ head }, 'recording');

  let settling: Promise<void> = Promise.resolve();
  let settlingBefore = settling;
  try {
    for await (const batch of batches) {
      if (failure) {
        for (const delivery of batch) delivery.retry(0);
        break;
      }
      const beganAt = performance.now();
      const spans = traceBatch(batch);
      const recorded = await append(batch, { store, writer, metrics, log });
      crashPoint('after-commit');
      // In order. Recording may be two batches ahead, so that neither step waits for each slow turn of the other.
      await settlingBefore;
      settlingBefore = settling;
      settling = settling.then(async () => {
        const published = await relay.push(recorded);
        if (published) crashPoint('after-publish');
        // Acknowledges even if publishing is delayed: the relay finds the events in the store.
        for (const delivery of batch) delivery.ack();
        for (const span of spans) span.end();
      });
      await gather(beganAt, batch.length, halting.signal);
    }
  } finally {
    signal.removeEventListener('abort', stop);
    await settling;
    await batches.stop();
    await relay.stop();
  }
  if (failure) throw failure;
};

/** Starts a span for each sampled event of the batch. It ends once the event is acknowledged. */
const traceBatch = (batch: readonly Delivery<Envelope>[]): Span[] => {
  if (!isTracing()) return [];
  return batch.flatMap(({ value }) => {
    const { traceparent, id } = value ?? {};
    if (traceparent === undefined || !isSampled(traceparent)) return [];
    const attributes = {
      ...messaging,
      'messaging.message.id': id,
      'messaging.batch.message_count': batch.length,
    };
    return [
      startSpan('process ACTIVITY', {
        parent: traceparent,
        links: [traceparent],
        kind: 'CONSUMER',
        attributes,
      }),
    ];
  });
};

/** OpenTelemetry's semantic conventions for messaging. */
const messaging = {
  'messaging.system': 'nats',
  'messaging.operation.name': 'process',
  'messaging.operation.type': 'process',
  'messaging.destination.name': 'ACTIVITY',
  'messaging.consumer.group.name': 'recorder',
};

type AppendOptions = Pick<RecordOptions, 'store' | 'writer' | 'metrics' | 'log'>;

const append = async (
  batch: readonly Delivery<Envelope>[],
  options: AppendOptions,
): Promise<readonly AppendedEvent[]> => {
  const { metrics, log } = options;
  metrics.batchSize.observe(batch.length);
  try {
    for (const poison of batch.filter((delivery) => !isReadable(delivery)))
      await addDeadLetter(poison, options);
    const timer = metrics.appendTime.startTimer();
    const appended = await appendOrIsolate(batch.filter(isReadable), options);
    const rejected = await reject(appended.conflicts, options);
    timer();
    const recorded = [...appended.recorded, ...rejected];
    const duplicates = appended.duplicates.length - appended.conflicts.length;
    metrics.events.inc({ outcome: 'recorded' }, appended.recorded.length);
    metrics.events.inc({ outcome: 'rejected' }, rejected.length);
    metrics.events.inc({ outcome: 'duplicate' }, duplicates);
    log.info(
      {
        recorded: recorded.length,
        duplicates,
        position: recorded.at(-1)?.position,
        requestIds: [...new Set(batch.flatMap((d) => d.value?.requestid ?? []))],
      },
      'batch recorded',
    );
    return recorded;
  } catch (error) {
    // Redelivers at once, to whichever process is the next writer.
    for (const delivery of batch) delivery.retry(0);
    throw error;
  }
};

/**
 * Records that commands have no effect because their idempotency key belongs to another command. The replica that accepted
 * them could not know: the claim had expired while the event store was down, or was on a queue that it could not reach.
 */
const reject = async (
  conflicts: readonly Envelope[],
  { writer, log }: AppendOptions,
): Promise<readonly AppendedEvent[]> => {
  if (conflicts.length === 0) return [];
  const { recorded } = await writer.append(
    conflicts.map((event) => rejectionOf(event, 'IDEMPOTENCY_KEY_REUSED')),
  );
  const ids = conflicts.map(({ id }) => id);
  log.warn({ ids }, 'rejected commands whose idempotency key had been used before');
  return recorded;
};

/** Splits a batch that Postgres refuses until it has isolated the event that cannot be stored, which becomes a dead letter. */
const appendOrIsolate = async (batch: readonly Readable[], options: AppendOptions): Promise<Appended> => {
  try {
    return await options.writer.append(
      batch.map(({ value }) => value),
      batch.map(({ bytes }) => bytes),
    );
  } catch (error) {
    if (!(error instanceof UnstorableEventError)) throw error;
    const [only] = batch;
    if (batch.length === 1 && only) {
      await addDeadLetter(only, options, error);
      return { recorded: [], duplicates: [], conflicts: [] };
    }
    const middle = Math.ceil(batch.length / 2);
    const one = await appendOrIsolate(batch.slice(0, middle), options);
    const other = await appendOrIsolate(batch.slice(middle), options);
    return {
      recorded: [...one.recorded, ...other.recorded],
      duplicates: [...one.duplicates, ...other.duplicates],
      conflicts: [...one.conflicts, ...other.conflicts],
    };
  }
};

/** Moves a message that no retry can record to the dead letters, so that it does not block others. */
const addDeadLetter = async (
  { value, sequence, payload, tries, unreadable }: Delivery<Envelope>,
  { store, metrics, log }: AppendOptions,
  error: Error | undefined = unreadable,
): Promise<void> => {
  // Sequences restart with a new queue; the digest distinguishes two messages with the same sequence.
  const id = value?.id ?? `${sequence}-${createHash('sha256').update(payload).digest('hex').slice(0, 16)}`;
  const reason = error?.message ?? 'unreadable';
  await store.addDeadLetter({ by: 'recorder', id, position: null, error: reason, tries, payload });
  metrics.events.inc({ outcome: 'dead_letter' });
  log.error(
    { id, sequence, reason, requestId: value?.requestid },
    'added a message that cannot be recorded to the dead letters',
  );
};
