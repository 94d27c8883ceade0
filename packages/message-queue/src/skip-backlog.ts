import { AckPolicy, DeliverPolicy } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { newId } from '@rookery/runtime';
import type { QueueClients } from './queue-connection.ts';
import { deleteConsumer, recordedStream, withRetries } from './topology.ts';

/** Time after which the server deletes a placeholder whose process was killed. Milliseconds. */
const placeholderTtlMs = 60_000;

/** Deliveries of one consumer to this process. */
interface Pulled {
  /** Number of deliveries that are here and not acknowledged. */
  readonly unacknowledged: number;
  /** Pulls nothing meanwhile, and forgets what was delivered before. */
  whileRecreated(change: () => Promise<void>): Promise<void>;
}

/**
 * See Queue.skipBacklog.
 * @param open what this process pulls, with the names of the consumers
 */
export const skipBacklog = async (
  clients: QueueClients,
  name: string,
  atLeast: number,
  open: ReadonlyMap<Pulled, string>,
): Promise<boolean> => {
  const [pulled, ...others] = [...open.keys()].filter((one) => open.get(one) === name);
  if (!pulled || others.length > 0) return false;
  const { unacknowledged } = pulled;
  const { num_pending, num_ack_pending } = await clients.jsm.consumers.info(recordedStream, name);
  if (num_pending < atLeast) return false;
  // Another process has all other deliveries. The server may be late with its number; the next call finds the right one.
  if (unacknowledged === 0 || num_ack_pending > unacknowledged) return false;
  await pulled.whileRecreated(() => continueAtEnd(clients, name));
  return true;
};

/**
 * Creates a consumer again that has the last published message as its floor. NATS cannot acknowledge many messages at once for a
 * consumer that several clients share.
 *
 * RECORDED drops a message that no consumer wants. So that none is dropped between the end of the one consumer and the beginning
 * of the other, a placeholder wants them meanwhile. Each call has its own, since two processes may do this at once.
 */
const continueAtEnd = async (clients: QueueClients, name: string): Promise<void> => {
  const { jsm } = clients;
  const placeholder = `${name}-skip-${newId()}`;
  await jsm.consumers.add(recordedStream, {
    durable_name: placeholder,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.New,
    inactive_threshold: nanos(placeholderTtlMs),
  });
  try {
    const { config } = await jsm.consumers.info(recordedStream, name);
    // Read once the placeholder is there: it keeps everything after this message.
    const { last_seq } = (await jsm.streams.info(recordedStream)).state;
    await deleteConsumer(clients, recordedStream, name);
    await withRetries(() =>
      jsm.consumers.add(recordedStream, {
        ...config,
        deliver_policy: DeliverPolicy.StartSequence,
        opt_start_seq: last_seq + 1,
      }),
    );
  } finally {
    await deleteConsumer(clients, recordedStream, placeholder);
  }
};
