import type { QueueClients } from './queue-connection.ts';
import { activityStream, claimsStream, orderStream, recordedStream } from './topology.ts';

/** Bytes that a stream holds, and how many it may hold. */
export interface StreamUsage {
  readonly queue: 'first' | 'second';
  readonly stream: string;
  readonly bytes: number;
  readonly limitBytes: number;
  /** True if it refuses new messages at the limit; else it drops old ones, and being full is no problem. */
  readonly refusesWhenFull: boolean;
}

/** Streams whose limit is kept by `StreamQuota`, below the server's own. */
const limitedHere: ReadonlySet<string> = new Set([activityStream, recordedStream]);

/** Reads the usage of every stream of one server or cluster. @throws if it does not answer */
export const readStreamUsage = async (
  { jsm }: QueueClients,
  queue: StreamUsage['queue'],
  maxBytes: number,
): Promise<StreamUsage[]> =>
  Promise.all(
    [activityStream, recordedStream, orderStream, claimsStream].map(async (stream) => {
      const { config, state } = await jsm.streams.info(stream);
      return {
        queue,
        stream,
        bytes: state.bytes,
        limitBytes: limitedHere.has(stream) ? maxBytes : config.max_bytes,
        refusesWhenFull: stream !== orderStream,
      };
    }),
  );
