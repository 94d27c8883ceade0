import { newId } from '@rookery/runtime';
import type { QueueClients } from './queue-connection.ts';
import { deleteConsumer, recordedStream } from './topology.ts';

/**
 * Empties RECORDED and lets its next message have the sequence after this one, as far as its store is concerned. NATS 2.9
 * keeps the last sequence twice, and a purge changes only that of the store: the other one, with which publishers are
 * compared, follows with the next message that is dropped because the stream has no consumers.
 */
export const skipTo = async (clients: QueueClients, sequence: number): Promise<void> => {
  const { jsm } = clients;
  for await (const { name } of jsm.consumers.list(recordedStream))
    await deleteConsumer(clients, recordedStream, name);
  await jsm.streams.purge(recordedStream, { seq: sequence + 1 });
};

/** Returns the last sequence of RECORDED with which the server compares publishers. */
export const expectedSequence = async ({ js }: QueueClients): Promise<number | undefined> => {
  // The server refuses this message and says why.
  const refusal = await js
    .publish(`recorded.${newId()}`, '', { expect: { lastSequence: Number.MAX_SAFE_INTEGER } })
    .then(
      () => '',
      (error: Error) => error.message,
    );
  const [, sequence] = /wrong last sequence: (\d+)/.exec(refusal) ?? [];
  return sequence === undefined ? undefined : Number(sequence);
};
