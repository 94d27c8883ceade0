import type { RecordedEvent } from '@rookery/schema/events';
import { isSampled, startSpan } from '@rookery/service';

/** The trace of each event that is sampled, by its position: who is told of an event live goes on with its trace. */
export type Traces = readonly (readonly [position: number, traceparent: string])[];

/** Hints are small: so many traces of a batch go on. */
const most = 20;

/**
 * A step for each sampled event of a batch that has been applied and acknowledged.
 * @param startedAt milliseconds since the epoch
 */
export const tracesOf = (
  projection: string,
  startedAt: number,
  events: readonly { readonly recorded: RecordedEvent }[],
): Traces =>
  events
    .flatMap(({ recorded: { position, event } }) => {
      if (!isSampled(event.traceparent)) return [];
      const attributes = { 'messaging.system': 'nats', 'messaging.destination.name': 'RECORDED', projection };
      const span = startSpan('project', {
        parent: event.traceparent,
        kind: 'CONSUMER',
        startedAt,
        attributes,
      });
      span.end();
      return span.traceparent === undefined ? [] : [[position, span.traceparent] as const];
    })
    .slice(-most);
