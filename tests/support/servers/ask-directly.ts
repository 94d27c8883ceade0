import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';

/** Straight to the server, past what is tested. */
export const askDirectly = async <T>(
  url: string,
  work: (jsm: JetStreamManager) => Promise<T>,
): Promise<T> => {
  const nc = await connect({ servers: url });
  try {
    return await work(await jetstreamManager(nc));
  } finally {
    await nc.close();
  }
};
