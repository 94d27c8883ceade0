import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';

export interface QueueState {
  /**
   * Ids of the events that ACTIVITY still holds. Recorded ones may be among them: a NATS that was killed can forget
   * that it had removed a message, while its consumer remembers the acknowledgement.
   */
  readonly activity: readonly string[];
  /** Last position that was relayed. */
  readonly recorded: number;
  /**
   * Position up to which each consumer has acknowledged everything. The floor alone is not enough: a killed
   * NATS restores an earlier floor until something new is acknowledged. Undelivered and unacknowledged
   * messages are decisive.
   */
  readonly floors: ReadonlyMap<string, number>;
}

/** Returns the positions of the streams, bypassing all proxies. */
export const readQueue = async (url: string): Promise<QueueState> => {
  const nc = await connect({ servers: new URL(url).host, timeout: 3_000 });
  try {
    const jsm = await jetstreamManager(nc, { timeout: 3_000 });
    const { state } = await jsm.streams.info('ACTIVITY', { subjects_filter: 'activity.*' });
    const { state: recorded } = await jsm.streams.info('RECORDED');
    const floors = new Map<string, number>();
    for await (const { name, ack_floor, num_pending, num_ack_pending } of jsm.consumers.list('RECORDED')) {
      // A message goes once every consumer has acknowledged it.
      const gone = num_pending + num_ack_pending === 0 ? recorded.last_seq : recorded.first_seq - 1;
      floors.set(name, Math.max(ack_floor.stream_seq, gone));
    }
    const activity = Object.keys(state.subjects ?? {}).map((subject) => subject.replace('activity.', ''));
    return { activity, recorded: recorded.last_seq, floors };
  } finally {
    await nc.close();
  }
};
