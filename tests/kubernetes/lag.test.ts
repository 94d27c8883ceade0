import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { openQueue, recordedStream } from '@rookery/message-queue';
import { createLog } from '@rookery/runtime';
import { findNats, freePort, type Server, startNats } from '@rookery/stack';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { buildKeda } from './cluster/binaries.ts';
import { defaultPods, openRelease, type Release } from './cluster/chart.ts';
import { startKeda } from './cluster/keda.ts';
import { followReplicas, type ReplicaHistory, turnsOf } from './cluster/replicas.ts';

const dir = mkdtempSync(join(tmpdir(), 'rookery-lag-'));
let release: Release;
let nats: Server;
let connection: NatsConnection;
let keda: AsyncDisposable;
let replicas: ReplicaHistory;

/** Time for KEDA's build, which took 13 minutes on a busy machine. */
const buildMs = 3_600_000;

beforeAll(async () => {
  const binaries = await buildKeda(console.log);
  const cluster = inject('cluster');
  const monitorPort = await freePort();
  nats = await startNats({
    binary: await findNats(),
    dir: join(dir, 'nats'),
    monitorPort,
    syncAlways: false,
  });
  const log = createLog('test', 'silent');
  const options = { replicas: 1, maxBytes: 256_000_000, ackTimeoutMs: 10_000, log };
  const queue = openQueue({ url: nats.url, ...options });
  await queue.prepare();
  await queue.close();
  connection = await connect({ servers: nats.url });

  release = await openRelease(cluster, 'lag');
  keda = await startKeda(binaries, { api: release.api, access: cluster.access, dir });
  await release.install(
    'projector.keda.enabled=true',
    `projector.keda.monitoringEndpoint=127.0.0.1:${monitorPort}`,
    'projector.keda.scaleDownWindowSeconds=30',
  );
  await release.settled();
  replicas = await followReplicas(release);
}, buildMs);
afterAll(async () => {
  await replicas?.[Symbol.asyncDispose]();
  await keda?.[Symbol.asyncDispose]();
  await connection?.close();
  await nats?.stop();
  await release?.[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true, force: true });
});

const limits = { timeout: 600_000, interval: 500 };

test('a consumer that lags adds projectors, one for each thousand events', async () => {
  const js = jetstream(connection);
  for (let sent = 0; sent < 3_500; sent += 100)
    await Promise.all(Array.from({ length: 100 }, () => js.publish('recorded.test', 'an event')));
  await expect.poll(() => replicas.current('projector'), limits).toBe(4);
  await release.settled(defaultPods + 2);
});

test('they stay while NATS cannot be asked', async () => {
  nats.kill('SIGSTOP');
  const before = replicas.of('projector').length;
  await setTimeout(90_000);
  nats.kill('SIGCONT');
  expect(replicas.of('projector').length).toBe(before);
});

test('once the events are processed, they end one after another', async () => {
  const manager = await jetstreamManager(connection);
  for await (const { name } of manager.consumers.list(recordedStream)) {
    const consumer = await jetstream(connection).consumers.get(recordedStream, name);
    for (let left = 3_500; left > 0; ) {
      const batch = await consumer.fetch({ max_messages: 500, expires: 5_000 });
      for await (const message of batch) {
        message.ack();
        left--;
      }
    }
  }
  await expect.poll(() => replicas.current('projector'), limits).toBe(2);
  expect(replicas.of('projector').map(({ replicas: count }) => count)).toEqual([2, 4, 3, 2]);
  expect(turnsOf(replicas.of('projector'))).toBe(1);
});
