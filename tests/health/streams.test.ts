import { openConfiguredQueue } from '@rookery/failover/queue';
import { createLog, createMetrics, policyMetrics, samplesOf } from '@rookery/runtime';
import { expect, it } from 'vitest';
import { sampleEvent } from '../support/events/sample-events.ts';
import { freshNats, startSystem } from '../support/index.ts';
import { ops } from '../support/ops.ts';

const limit = 1_048_576;
const log = createLog('test', 'silent');

it('the size of each stream is a metric and in ops status, which reports one that is nearly full', async () => {
  await using nats = await freshNats();
  const config = {
    NATS_URL: nats.url,
    NATS_REDUNDANT_URL: undefined,
    QUEUE_REPLICAS: 1,
    QUEUE_MAX_BYTES: limit,
    QUEUE_ACK_TIMEOUT: 5_000,
  };
  const registry = createMetrics('test');
  const queue = await openConfiguredQueue(config, log, { registry, policies: policyMetrics(registry) });
  try {
    await queue.prepare();
    const bytesOf = async (metric: string): Promise<number | undefined> =>
      samplesOf(await registry.metrics(), metric).find(({ labels }) => labels.stream === 'ACTIVITY')?.value;
    expect(await bytesOf('rookery_queue_stream_limit_bytes')).toBe(limit);
    expect(await bytesOf('rookery_queue_stream_bytes')).toBe(0);

    await using system = await startSystem({ processes: [] });
    const env = { ...system.env, NATS_URL: nats.url, QUEUE_MAX_BYTES: String(limit) };
    const activity = async () => {
      const { json } = await ops(env, 'status');
      return json.streams.find(({ stream }: { stream: string }) => stream === 'ACTIVITY');
    };
    expect(await activity()).toMatchObject({
      state: 'ok',
      bytes: 0,
      limitBytes: limit,
      refusesWhenFull: true,
    });
    // Nobody records.
    const event = () => sampleEvent({ data: { body: 'x'.repeat(50_000) } });
    while (((await bytesOf('rookery_queue_stream_bytes')) ?? 0) < limit * 0.8) await queue.publish(event());
    expect(await activity()).toMatchObject({
      state: 'NEARLY FULL',
      bytes: await bytesOf('rookery_queue_stream_bytes'),
    });
  } finally {
    await queue.close();
  }
});
