import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';

export interface QueueState {
  /** Accepted and not recorded. */
  readonly activity: number;
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
    const activity = await jsm.streams.info('ACTIVITY');
    const recorded = await jsm.streams.info('RECORDED');
    const floors = new Map<string, number>();
    for await (const { name, ack_floor } of jsm.consumers.list('RECORDED'))
      floors.set(name, ack_floor.stream_seq);
    return { activity: activity.state.messages, recorded: recorded.state.last_seq, floors };
  } finally {
    await nc.close();
  }
};
