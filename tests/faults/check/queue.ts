import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';

export interface QueueState {
  /**
   * Ids of the events that ACTIVITY still holds. Recorded ones may be among them: a NATS that was killed can forget
   * that it had removed a message, while its consumer remembers the acknowledgement.
   */
  readonly activity: readonly string[];
  /** Last position that was handed on. */
  readonly recorded: number;
  /** Position up to which each projection has acknowledged everything. */
  readonly floors: ReadonlyMap<string, number>;
}

/** How far the queue's streams are, asked past all proxies. */
export const readQueue = async (url: string): Promise<QueueState> => {
  const nc = await connect({ servers: new URL(url).host, timeout: 3_000 });
  try {
    const jsm = await jetstreamManager(nc, { timeout: 3_000 });
    const { state } = await jsm.streams.info('ACTIVITY', { subjects_filter: 'activity.*' });
    const recorded = await jsm.streams.info('RECORDED');
    const floors = new Map<string, number>();
    for await (const { name, ack_floor } of jsm.consumers.list('RECORDED'))
      floors.set(name, ack_floor.stream_seq);
    const activity = Object.keys(state.subjects ?? {}).map((subject) => subject.replace('activity.', ''));
    return { activity, recorded: recorded.state.last_seq, floors };
  } finally {
    await nc.close();
  }
};
