import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { connect } from '@nats-io/transport-node';
import { projections } from '@rookery/read-models';
import { newId } from '@rookery/runtime';
import { describe, expect, it } from 'vitest';
import { sampleEvent } from '../support/events/sample-events.ts';
import { eventually } from '../support/eventually.ts';
import { useServers } from '../support/index.ts';
import { restartWithout } from '../support/servers/lossy-nats.ts';
import {
  checkAll,
  deleteStreams,
  publish,
  readAll,
  readRecorded,
  replaceStreams,
  setUp,
} from '../support/systems/recorder-world.ts';
import { runRecorder } from '../support/systems/run-recorder.ts';
import { surviveCrashes } from './survive-crashes.ts';

describe('a recorder that dies', () => {
  it('before-commit loses nothing and doubles nothing', () => surviveCrashes('before-commit', [2]));
});

describe('a recorder', () => {
  it('stops in good order on SIGTERM, and gives back what it had', async () => {
    await using world = await setUp();
    const { queue, store, urls } = world;
    await using first = await runRecorder(urls);
    const publishing = publish(queue, 2_000);
    await eventually(async () => (await store.head()) > 0);
    expect(await first.child.stop('SIGTERM', 30_000)).toEqual({ code: 0, signal: null });
    await using _second = await runRecorder(urls);
    await checkAll(queue, store, await publishing);
  });

  it('writes the request ids into its log, counts, and gathers what comes one after the other', async () => {
    await using world = await setUp();
    const { queue, urls } = world;
    await using recorder = await runRecorder(urls);
    await queue.publish(sampleEvent({ requestid: 'request-7' }));
    await eventually(async () => (await queue.lastPublished()) === 1);
    expect(recorder.log()).toContain('"requestIds":["request-7"]');
    expect(await recorder.metric('rookery_recorder_append_seconds_count')).toBe(1);
    expect(await recorder.metric('rookery_recorder_waiting_events')).toBe(0);
    expect(await recorder.metric('rookery_recorder_relay_lag_events')).toBe(0);

    const publishing: Promise<void>[] = [];
    const startedAt = Date.now();
    for (let i = 0; i < 120; i++) {
      publishing.push(queue.publish(sampleEvent()));
      await setTimeout(2);
    }
    await Promise.all(publishing);
    await eventually(async () => (await queue.lastPublished()) === 1 + publishing.length);
    const batches = recorder
      .log()
      .split('\n')
      .filter((line) => line.includes('"batch recorded"'))
      .slice(1) // that of the first event
      .map((line) => JSON.parse(line) as { recorded: number; time: string | number });
    // Each batch but the last makes the next one wait. A timer may be early by what the turn of the event loop took before.
    const waitsMs = batches.slice(0, -1).map(({ recorded }) => Math.min(8 * recorded, 80) / 2);
    const tookMs = new Date(batches.at(-1)?.time ?? 0).getTime() - startedAt;
    expect(waitsMs.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(tookMs);
  });

  it('adds an event that it cannot record to the dead letters, and continues with the others', async () => {
    await using world = await setUp();
    const { nats, queue, store, urls } = world;
    const published = await publish(queue, 5);
    const nc = await connect({ servers: nats.url });
    const poison = ['{ not JSON', '{}', JSON.stringify({ ...sampleEvent(), subject: '\0' })];
    for (const text of poison) nc.publish(`activity.${newId()}`, text);
    await nc.flush();
    await nc.close();
    // Well-formed, but Postgres knows no year 0.
    const timeless = sampleEvent({ time: '0000-01-01T00:00:00.000Z' });
    await queue.publish(timeless);
    published.push(...(await publish(queue, 5)));
    await using _recorder = await runRecorder(urls);
    await checkAll(queue, store, published);
    const deadLetters = await store.deadLetters(10);
    expect(deadLetters.map((p) => p.by)).toEqual(deadLetters.map(() => 'recorder'));
    expect(new Set(deadLetters.map((p) => p.payload))).toEqual(
      new Set([...poison, JSON.stringify(timeless)]),
    );
    expect(deadLetters.find((p) => p.id === timeless.id)?.error).toMatch(/out of range/);
  });

  it('fills a queue that lost its data, also while nobody writes', async () => {
    await using world = await setUp();
    const { nats, queue, store, urls } = world;
    await using _recorder = await runRecorder(urls);
    const published = await publish(queue, 1_200);
    await eventually(async () => (await queue.lastPublished()) === 1_200);
    await replaceStreams(nats, queue, 'ACTIVITY', 'RECORDED', 'KV_idempotency');
    await eventually(async () => (await queue.lastPublished()) === 1_200, { what: 'the refill' });
    await deleteStreams(nats, 'RECORDED');
    published.push(...(await publish(queue, 300)));
    await checkAll(queue, store, published);
  });

  it('fills RECORDED again that came back without its messages and refuses every position', async () => {
    const home = mkdtempSync(join(useServers().dir, 'lossy-'));
    await using world = await setUp({ natsHome: home });
    const { nats, queue, store, urls } = world;
    await using _recorder = await runRecorder(urls);
    const published = await publish(queue, 50);
    await eventually(async () => (await queue.lastPublished()) === 50);
    for (const name of projections) await readRecorded(queue, name, 50);
    await restartWithout(nats, home, 'RECORDED');
    published.push(...(await publish(queue, 50)));
    await eventually(async () => (await store.head()) === 100, { what: 'everything recorded' });
    await eventually(async () => (await queue.lastPublished()) === 100, { what: 'everything relayed' });
    const stored = await readAll(store);
    for (const name of projections) {
      const again = await readRecorded(queue, name, 50, 100);
      expect(again.slice(-50)).toEqual(stored.slice(50));
    }
  });

  it('refuses to mix an event store and a queue that do not belong together', async () => {
    await using world = await setUp();
    const { queue, store, urls } = world;
    const event = sampleEvent();
    await queue.relay([{ position: 1, recordedAt: event.time, event }]);
    await using recorder = await runRecorder(urls, {}, { wait: false });
    await eventually(() => recorder.log().includes("don't belong together"));
    expect(await recorder.ready()).toBe(false);
    expect(await store.head()).toBe(0);
  });
});
