import type { QueueClients } from './queue-connection.ts';
import { recordedAtHeader } from './recorded.ts';
import { ackWaitMs, activityStream, recordedStream, recorderConsumer } from './topology.ts';
import type { Backlog } from './types.ts';

/** A worker that applies a batch does not pull; it counts as working for as long as it may keep a delivery. */
const stillWorkingMs = ackWaitMs * 2;

/** The types say nanoseconds, but the server sends an RFC 3339 text. */
const millisecondsOf = (lastActive: unknown): number =>
  typeof lastActive === 'string' ? Date.parse(lastActive) : Number.NaN;

/** Reads the backlog of one consumer. */
export const readBacklog = async ({ jsm }: QueueClients, consumer: string): Promise<Backlog> => {
  const stream = consumer === recorderConsumer ? activityStream : recordedStream;
  const { num_waiting, num_ack_pending, num_pending, delivered, ack_floor } = await jsm.consumers.info(
    stream,
    consumer,
  );
  const lastActive = Math.max(
    ...[delivered.last_active, ack_floor.last_active].map((at) => millisecondsOf(at) || 0),
  );
  const isBusy = num_ack_pending > 0 && Date.now() - lastActive < stillWorkingMs;
  const { messages, first_seq } = (await jsm.streams.info(stream)).state;
  // A killed server may remember deliveries of messages that no longer exist.
  const events = Math.min(num_ack_pending + num_pending, messages);
  const seq = Math.max(ack_floor.stream_seq + 1, first_seq);
  const oldest = events === 0 ? null : await jsm.streams.getMessage(stream, { seq });
  return {
    isWorking: num_waiting > 0 || isBusy,
    events,
    ...(oldest === null
      ? {}
      : { oldestAt: oldest.header.get(recordedAtHeader) || oldest.time.toISOString() }),
  };
};
