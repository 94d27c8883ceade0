import { openQueue, QueueMisconfiguredError } from '@rookery/message-queue';
import { createLog } from '@rookery/runtime';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type FreshServer, freshNats } from '../support/index.ts';

const options = { maxBytes: 256 * 1024 * 1024, ackTimeoutMs: 1_000, log: createLog('test', 'silent') };

let nats: FreshServer;
beforeEach(async () => {
  nats = await freshNats();
});
afterEach(() => nats.stop());

/** Prepares the streams with so many replicas. */
const prepare = async (replicas: number): Promise<void> => {
  const queue = openQueue({ url: nats.url, replicas, ...options });
  try {
    await queue.prepare();
  } finally {
    await queue.close();
  }
};

it('refuses three replicas on a single server by the name of the setting', async () => {
  const refusal = await prepare(3).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(QueueMisconfiguredError);
  expect(refusal).toMatchObject({ message: expect.stringContaining('QUEUE_REPLICAS') });
});

it('refuses three replicas on a single server that has streams already', async () => {
  await prepare(1);
  await expect(prepare(3)).rejects.toThrow('QUEUE_REPLICAS');
});
