import { isSampled, startSpan } from '@rookery/runtime';
import type { RecordedEvent } from '@rookery/schema/events';

/** Trace of each sampled event, by its position. Live delivery of the event continues this trace. */
export type Traces = readonly (readonly [position: number, traceparent: string])[];

/** OpenTelemetry's semantic conventions for messaging. */
const messaging = {
  'messaging.system': 'nats',
  'messaging.operation.name': 'process',
  'messaging.operation.type': 'process',
  'messaging.destination.name': 'RECORDED',
};

/** Maximum number of traces in a hint, which must stay small. */
const maxTraces = 20;

/**
 * Creates a span for each sampled event of a batch that has been applied and acknowledged.
 * @param startedAt milliseconds since the epoch
 */
export const tracesOf = (
  projection: string,
  startedAt: number,
  events: readonly { readonly recorded: RecordedEvent }[],
): Traces =>
  events
    .flatMap(({ recorded: { position, event } }) => {
      const { id, traceparent } = event;
      if (traceparent === undefined || !isSampled(traceparent)) return [];
      const attributes = {
        ...messaging,
        'messaging.consumer.group.name': projection,
        'messaging.message.id': id,
        'messaging.batch.message_count': events.length,
      };
      const span = startSpan('process RECORDED', {
        parent: traceparent,
        links: [traceparent],
        kind: 'CONSUMER',
        startedAt,
        attributes,
      });
      span.end();
      return span.traceparent === undefined ? [] : [[position, span.traceparent] as const];
    })
    .slice(-maxTraces);
