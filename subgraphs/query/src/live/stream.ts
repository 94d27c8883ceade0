import type { LiveTopic } from '@rookery/feeds';
import type { SourceEvent, SourceStream } from '@rookery/graphql-server/subscribe';
import { jittered, startSpan } from '@rookery/runtime';
import { type LeavableIterator, pullIterator } from '@rookery/runtime/iterators';
import type { QueryContext } from '../context.ts';
import type { Traces } from '../hints.ts';
import type { LiveField } from '../metrics.ts';
import type { Progress } from '../progress.ts';
import { createSignal, type Signal } from '../signal.ts';

/**
 * Without any hint each subscription looks for itself: between half and one and a half of this, in milliseconds,
 * while hints can come (see `Sources`), and while they can't.
 */
const pollIntervalMs = { connected: 8_000, alone: 1_000 };
/** After a failed look, likewise. */
const retryIntervalMs = 1_000;

/** After so long without being asked for more, what was read for a consumer is dropped. */
const keepForMs = 500;

/** Time for which prefetched values may be delivered without checking the rules again. */
const freshForMs = 500;

/** Returns whether the rules must be checked again for values that were read a while ago. */
export const isOutdated = ({
  rows,
  readAt,
}: {
  readonly rows: readonly unknown[];
  readonly readAt: number;
}): boolean => rows.length > 0 && performance.now() - readAt > freshForMs;

/** Signals that wake a subscription. */
export interface Wakes {
  /** Exactly these topics from now on. */
  watch(topics: readonly LiveTopic[]): void;
  /**
   * Waits for a hint, for the connection to Redis to go or come, or for the time to look anyway.
   * @param behind something is there that not all projections had reached at this progress: wait for them too
   */
  wait(signal: AbortSignal, behind?: Progress): Promise<void>;
  /** The trace of the event at this position, or of the newest that a hint was about. */
  traceOf(position?: number): string | undefined;
}

/** Traces of events that have not been delivered yet, at most. */
const maxTraces = 100;

const createWakes = (context: QueryContext, wake: Signal): Wakes & { close(): void } => {
  const { hints, livePollMs = pollIntervalMs.connected } = context.sources;
  const watched = new Map<LiveTopic, () => void>();
  const unwatchConnection = hints.watchConnection(wake.set);
  let closed = false;
  const traces = new Map<number, string>();
  const heard = (told: Traces): void => {
    for (const [position, traceparent] of told.slice(-maxTraces)) traces.set(position, traceparent);
    for (const position of traces.keys()) if (traces.size > maxTraces) traces.delete(position);
    wake.set();
  };
  const watch = (topics: readonly LiveTopic[]) => {
    // A look that was under way when the consumer left may still come by.
    const wanted = new Set(closed ? [] : topics);
    for (const [topic, unwatch] of watched) {
      if (wanted.has(topic)) continue;
      unwatch();
      watched.delete(topic);
    }
    for (const topic of wanted) if (!watched.has(topic)) watched.set(topic, hints.watch(topic, heard));
  };
  return {
    watch,
    async wait(signal, behind) {
      context.forget();
      const unwatch = behind && context.replica().progress.watch(behind, wake.set);
      await wake.wait(jittered(hints.connected ? livePollMs : pollIntervalMs.alone, 0.5), signal);
      unwatch?.();
    },
    traceOf(position = Math.max(...traces.keys())) {
      const traceparent = traces.get(position);
      for (const each of traces.keys()) if (each <= position) traces.delete(each);
      return traceparent;
    },
    close() {
      closed = true;
      unwatchConnection();
      watch([]);
    },
  };
};

/** Starts a trace of the delivery as part of the trace that caused it. Returns its traceparent. */
const traceDelivery = (parent: string | undefined, field: LiveField): string | undefined => {
  if (parent === undefined) return undefined;
  const span = startSpan(`send ${field}`, {
    parent,
    kind: 'PRODUCER',
    attributes: {
      'messaging.system': 'graphql-transport-ws',
      'messaging.operation.name': 'send',
      'messaging.operation.type': 'send',
      'messaging.destination.name': field,
    },
  });
  span.end();
  return span.traceparent;
};

/** A value to be delivered. */
interface Delivery<T> {
  readonly value: T;
  /** Position of the event that it is about; undefined if it is about the newest one. */
  readonly position?: number;
  /** ISO 8601 instant at which the item that it adds was accepted; undefined if it adds none. */
  readonly acceptedAt?: string | undefined;
  /** Position of the stream after it, if the field has no cursor. */
  readonly checkpoint?: string;
}

/** One event of a live field: the root value of its execution. */
type LiveEvent<F extends LiveField, T> = { readonly [K in F]: T } & SourceEvent;

export type LiveStream<F extends LiveField, T> = SourceStream<LiveEvent<F, T>> &
  LeavableIterator<LiveEvent<F, T>>;

export interface LiveStreamOptions<F extends LiveField, T> {
  readonly field: F;
  /** Position at which the stream starts. */
  readonly checkpoint: string;
  /**
   * Returns the next value when the reader asks for one, or undefined at the end of the stream. It waits for the given
   * signals. After a failure it is called again later: a store that is down delays a stream and does not end it.
   */
  readonly look: (wakes: Wakes, signal: AbortSignal) => Promise<Delivery<T> | undefined>;
  /** Discards prefetched values. */
  readonly drop?: () => void;
}

/**
 * Creates the live stream of one root field. Nothing is kept for a waiting stream, nor for a reader that requests
 * nothing, since there may be thousands.
 */
export const liveStream = <F extends LiveField, T>(
  context: QueryContext,
  { field, checkpoint, look, drop = () => {} }: LiveStreamOptions<F, T>,
): LiveStream<F, T> => {
  const { metrics } = context.sources;
  const wake = createSignal();
  const wakes = createWakes(context, wake);
  metrics.subscriptions.inc({ field });
  const openedAt = Date.now();
  let unasked: NodeJS.Timeout | undefined;

  const next = async (signal: AbortSignal): Promise<LiveEvent<F, T> | undefined> => {
    clearTimeout(unasked);
    while (!signal.aborted) {
      try {
        const delivery = await look(wakes, signal);
        if (delivery === undefined) return undefined;
        metrics.deliveries.inc({ field });
        // An item of before is late because the reader was not there.
        const acceptedAt = Date.parse(delivery.acceptedAt ?? '');
        if (acceptedAt >= openedAt)
          metrics.deliverySeconds.observe({ field }, Math.max(0, Date.now() - acceptedAt) / 1_000);
        const traceparent = traceDelivery(wakes.traceOf(delivery.position), field);
        unasked = setTimeout(() => {
          context.forget();
          drop();
        }, keepForMs).unref();
        return {
          [field]: delivery.value,
          extensions: { checkpoint: delivery.checkpoint, traceparent },
        } as unknown as LiveEvent<F, T>;
      } catch (error) {
        context.log.warn({ error, field }, 'a live stream looks again');
        await wake.wait(jittered(retryIntervalMs, 0.5), signal);
      }
    }
    return undefined;
  };

  const events = pullIterator(next, {
    onEnd: () => {
      metrics.subscriptions.dec({ field });
      wakes.close();
    },
  });
  return Object.assign(events, { checkpoint });
};
