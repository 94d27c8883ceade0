import { openEventStore } from '@rookery/event-store';
import { openRedundantQueue } from '@rookery/failover/redundant-queue';
import { openQueue } from '@rookery/message-queue';
import { createLog, readMetric } from '@rookery/runtime';
import type { StoredEvent } from '@rookery/schema/events';
import { describe, expect, it } from 'vitest';
import { sampleEvent } from '../support/events/sample-events.ts';
import { eventually } from '../support/eventually.ts';
import { freshNats, type System, startSystem } from '../support/index.ts';
import { Writer } from './writers.ts';

const log = createLog('test', 'silent');
const figures = (text: string, values: object) => console.log(text, JSON.stringify(values));
const rounded = Math.round;

/** Opens one of the queues of a system. */
const queueAt = (url: string) => openQueue({ url, replicas: 1, maxBytes: 2 ** 30, ackTimeoutMs: 2_000, log });

/** Invariants I1, I2 and I4: what was acknowledged is there, no hole, nothing twice, RECORDED is the store's tail. */
const checkStore = async (system: System, writer: Writer): Promise<void> => {
  const store = openEventStore(system.servers.database.url, { log });
  const queue = queueAt(system.servers.nats.url);
  try {
    const stored: StoredEvent[] = [];
    for (;;) {
      const page = await store.read(stored.length, 1_000);
      if (page.length === 0) break;
      stored.push(...page);
    }
    expect(stored.map(({ position }) => position)).toEqual(stored.map((_, i) => i + 1));
    const ids = stored.map(({ event }) => event.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of writer.accepted.keys()) expect(ids).toContain(id);
    await eventually(async () => (await queue.lastPublished()) === stored.length, {
      what: 'RECORDED at the head',
    });
  } finally {
    await Promise.all([store.close(), queue.close()]);
  }
};

const headOf = async (system: System): Promise<number> => {
  const store = openEventStore(system.servers.database.url, { log });
  try {
    return await store.head();
  } finally {
    await store.close();
  }
};

/** Resolves once the projection of posts has passed the last event of the store. */
const reachesHead = async (system: System): Promise<void> => {
  const head = await headOf(system);
  const position = () =>
    readMetric(system.metricsUrls.projector, 'rookery_projector_position', { projection: 'posts' });
  await eventually(async () => Number(await position()) >= head, { what: `the posts at position ${head}` });
};

describe('two queues', () => {
  it('take over from each other, killed and frozen, and nobody notices', { timeout: 180_000 }, async () => {
    await using second = await freshNats();
    await using system = await startSystem({ env: { NATS_REDUNDANT_URL: second.url } });
    const { nats: first } = system.servers;
    const writer = new Writer(system, await system.signUp());
    const calm = await writer.writeMany(10);
    await writer.seesAll();

    const faults = [
      ['the first killed', () => first.kill(), () => first.restart()],
      ['the first frozen', async () => first.signal('SIGSTOP'), async () => first.signal('SIGCONT')],
      ['the second killed', () => second.kill(), () => second.restart()],
      ['the second frozen', async () => second.signal('SIGSTOP'), async () => second.signal('SIGCONT')],
    ] as const;
    for (const [name, fire, heal] of faults) {
      await fire();
      const longest = await writer.writeMany(15);
      expect(longest).toBeLessThan(2_000);
      const fresh = await writer.seesAll();
      if (name.startsWith('the first')) {
        // The position rises although the queue says nothing about what is acknowledged.
        await reachesHead(system);
        expect(await readMetric(system.metricsUrls.mutation, 'rookery_queue_up', { queue: 'first' })).toBe(0);
        expect(
          await readMetric(system.metricsUrls.mutation, 'rookery_queue_fallback_events', { queue: 'second' }),
        ).toBeGreaterThan(0);
      }
      await heal();
      const healed = performance.now();
      await eventually(
        async () =>
          (await readMetric(system.metricsUrls.mutation, 'rookery_queue_up', { queue: 'first' })) === 1,
        { what: 'the first in use again' },
      );
      await system.ready();
      const recovered = performance.now() - healed;
      await writer.writeMany(5);
      await writer.seesAll();
      figures(name, {
        calmMs: rounded(calm),
        longestWriteMs: rounded(longest),
        visibleAfterMs: rounded(fresh),
        readyAfterHealingMs: rounded(recovered),
      });
    }
    await checkStore(system, writer);
  });

  it('an event that no projection can read holds nothing up while the first is down', {
    timeout: 120_000,
  }, async () => {
    await using second = await freshNats();
    await using system = await startSystem({ env: { NATS_REDUNDANT_URL: second.url } });
    const { nats: first } = system.servers;
    const writer = new Writer(system, await system.signUp());
    await writer.writeMany(3);
    await writer.seesAll();
    await first.kill();
    const queue = queueAt(second.url);
    await queue.prepare();
    await queue.publish(sampleEvent({ data: {} }));
    await queue.close();
    await writer.writeMany(3);
    await writer.seesAll();
    await reachesHead(system);
    await first.restart();
    await checkStore(system, writer);
  });

  it('both away: refused in time, with a word on when to come back', { timeout: 120_000 }, async () => {
    await using second = await freshNats();
    await using system = await startSystem({ env: { NATS_REDUNDANT_URL: second.url } });
    const { nats: first } = system.servers;
    const writer = new Writer(system, await system.signUp());
    await writer.writeMany(3);
    for (const signal of ['SIGSTOP', 'SIGKILL'] as const) {
      first.signal(signal);
      second.signal(signal);
      const keys = Array.from({ length: 6 }, () => crypto.randomUUID());
      for (const key of keys) {
        const { outcome, took } = await writer.write(key);
        expect(outcome).toEqual({ code: 'SERVICE_UNAVAILABLE', retryAfter: expect.any(Number) });
        expect(took).toBeLessThan(2_000);
      }
      if (signal === 'SIGKILL') await Promise.all([first.restart(), second.restart()]);
      else for (const server of [first, second]) server.signal('SIGCONT');
      // The same keys again: what was refused has not been done, or is done once.
      for (const key of keys)
        await eventually(async () => 'id' in (await writer.write(key)).outcome, { what: 'the write' });
    }
    await writer.seesAll();
    await checkStore(system, writer);
  });
});

describe('claims over two queues', () => {
  it('know the first input, whichever queue was there', async () => {
    await using one = await freshNats();
    await using two = await freshNats();
    const options = { replicas: 1, maxBytes: 2 ** 24, ackTimeoutMs: 1_000, log };
    const queue = openRedundantQueue({ url: one.url, redundantUrl: two.url, ...options });
    await queue.prepare();
    const claim = async (body: string, id: string) =>
      (await queue.claim(sampleEvent({ id, data: { body } }))).event.data;

    const whole = sampleEvent().id;
    expect(await claim('both there', whole)).toEqual({ body: 'both there' });
    await one.kill();
    await eventually(() => queue.replicas()[0]?.up === false);
    expect(await claim('first away', whole)).toEqual({ body: 'both there' });
    const late = sampleEvent().id;
    expect(await claim('made on the second', late)).toEqual({ body: 'made on the second' });
    await one.restart();
    await eventually(() => queue.replicas()[0]?.up === true);
    expect(await claim('both there again', late)).toEqual({ body: 'made on the second' });
    const again = (await queue.claimed(late))?.data;
    expect(again).toEqual({ body: 'made on the second' });
    await two.kill();
    await eventually(() => queue.replicas()[1]?.up === false);
    expect(await claim('second away', whole)).toEqual({ body: 'both there' });
    await queue.close();
  });

  it('are told to the one that missed them by the next who asks, with whatever input', async () => {
    await using one = await freshNats();
    await using two = await freshNats();
    const options = { replicas: 1, maxBytes: 2 ** 24, ackTimeoutMs: 1_000, log };
    const open = () => openRedundantQueue({ url: one.url, redundantUrl: two.url, ...options });
    const claim = (queue: ReturnType<typeof open>, id: string, body: string) =>
      queue.claim(sampleEvent({ id, data: { body } }));
    const key = sampleEvent().id;
    const before = open();
    await before.prepare();
    await two.kill();
    await eventually(() => before.replicas()[1]?.up === false);
    expect(await claim(before, key, 'first')).toMatchObject({
      first: true,
      event: { data: { body: 'first' } },
    });
    // The process that would copy the claim to the second queue ends before that queue is back.
    await before.close();
    await two.restart();
    const queue = open();
    await queue.prepare();
    await eventually(() => queue.replicas().every(({ up }) => up));
    const { event, first } = await claim(queue, key, 'another input');
    expect([event.data, first]).toEqual([{ body: 'first' }, false]);
    await one.kill();
    await eventually(() => queue.replicas()[0]?.up === false);
    expect(await claim(queue, key, 'a third')).toMatchObject({ event: { data: { body: 'first' } } });
    await queue.close();
  });

  it('are known to the one that is left, wherever they were made', async () => {
    await using one = await freshNats();
    await using two = await freshNats();
    const options = { replicas: 1, maxBytes: 2 ** 24, ackTimeoutMs: 1_000, log };
    const queue = openRedundantQueue({ url: one.url, redundantUrl: two.url, ...options });
    await queue.prepare();
    const servers = [one, two];
    for (const [away, left] of [
      [0, 1],
      [1, 0],
    ] as const) {
      const key = sampleEvent().id;
      await servers[away]?.kill();
      await eventually(() => queue.replicas()[away]?.up === false);
      const first = sampleEvent({ id: key, data: { body: 'first' } });
      await eventually(async () => (await queue.claim(first)).event.id === key);
      await servers[away]?.restart();
      const returned = openQueue({ url: servers[away]?.url ?? '', ...options });
      await eventually(async () => (await returned.claimed(key)) !== undefined, { what: 'the claim' });
      await returned.close();
      await servers[left]?.kill();
      await eventually(() => queue.replicas()[left]?.up === false && queue.replicas()[away]?.up === true);
      const other = sampleEvent({ id: key, data: { body: 'another input' } });
      expect((await queue.claim(other)).event.data).toEqual({ body: 'first' });
      await servers[left]?.restart();
      await eventually(() => queue.replicas()[left]?.up === true);
    }
    await queue.close();
  });
});

describe('a register over two queues', () => {
  it('has one winner for each term, and the highest counts wherever it was written', async () => {
    await using one = await freshNats();
    await using two = await freshNats();
    const options = { replicas: 1, maxBytes: 2 ** 24, ackTimeoutMs: 1_000, log };
    const queue = openRedundantQueue({ url: one.url, redundantUrl: two.url, ...options });
    await queue.prepare();
    const register = queue.fencingTokenStore<{ term: number; by: string }>('store');
    expect(await register.read()).toBeUndefined();
    const tries = await Promise.all(
      Array.from({ length: 8 }, (_, i) => register.raise({ term: 1, by: `${i}` }).catch(() => false)),
    );
    expect(tries.filter(Boolean)).toHaveLength(1);
    const winner = await register.read();
    expect(winner).toEqual({ term: 1, by: String(tries.indexOf(true)) });
    await one.kill();
    await eventually(() => queue.replicas()[0]?.up === false);
    expect(await register.raise({ term: 2, by: 'second alone' })).toBe(true);
    await one.restart();
    await eventually(() => queue.replicas()[0]?.up === true);
    expect(await register.read()).toEqual({ term: 2, by: 'second alone' });
    expect(await register.raise({ term: 2, by: 'too late' })).toBe(false);
    await queue.close();
  });
});
