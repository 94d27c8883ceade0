import {
  type Delivery,
  OutOfSequenceError,
  openQueue,
  type Queue,
  QueueFullError,
} from '@rookery/message-queue';
import { projections } from '@rookery/read-models';
import { createLog, newId } from '@rookery/runtime';
import type { Envelope } from '@rookery/schema/events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sampleEvent, storedEvents } from '../support/events/sample-events.ts';
import { eventually } from '../support/eventually.ts';
import { type FreshServer, freshNats } from '../support/index.ts';
import { askDirectly } from '../support/servers/ask-directly.ts';
import { freeze } from '../support/servers/freeze.ts';
import { startStopwatch } from '../support/stopwatch.ts';
import { take } from './take.ts';

const log = createLog('test', 'silent');
const options = { replicas: 1, maxBytes: 256 * 1024 * 1024, ackTimeoutMs: 1_000, log };
const busy = { extensions: { code: 'SERVICE_UNAVAILABLE', retryAfter: 1 } };

let nats: FreshServer;
let queue: Queue;
beforeEach(async () => {
  nats = await freshNats();
  queue = openQueue({ url: nats.url, ...options });
  await queue.prepare();
});
afterEach(async () => {
  await queue.close();
  await nats.stop();
});

const publishMany = async (count: number): Promise<Envelope[]> => {
  const events = Array.from({ length: count }, () => sampleEvent());
  // Not more at once than a busy machine takes in time.
  for (let i = 0; i < count; i += 100)
    await Promise.all(events.slice(i, i + 100).map((event) => queue.publish(event)));
  return events;
};

describe('ACTIVITY', () => {
  it('gives the recorder each event once, however often it was published, and forgets it afterwards', async () => {
    const event = sampleEvent({ requestid: 'r', data: { body: 'a\0\ud800' } });
    await Promise.all([queue.publish(event), queue.publish(event), queue.publish(event)]);
    const taken = await take(await queue.activity(10), 1);
    expect(taken.map((d) => [d.value, d.tries])).toEqual([[event, 1]]);
    await eventually(async () => (await queue.consumer('recorder')).ackFloor === 1);
    expect(await queue.find(event.id)).toBeUndefined();
  });

  it('comes in batches of what has arrived, bounded here and there', async () => {
    const events = await publishMany(1_000);
    const batches = await queue.activity(50);
    const ids: (string | undefined)[] = [];
    for await (const batch of batches) {
      expect(batch.length).toBeLessThanOrEqual(50);
      // In addition to the current batch, at most one pull waits here.
      expect((await queue.consumer('recorder')).inFlight).toBeLessThanOrEqual(2 * 50);
      for (const delivery of batch) {
        ids.push(delivery.value?.id);
        delivery.ack();
      }
      if (ids.length >= 1_000) break;
    }
    expect(ids).toEqual(events.map((e) => e.id));
  });

  it('gives a message again where it is asked for', async () => {
    await publishMany(1);
    const batches = await queue.activity(10);
    const tries: number[] = [];
    for await (const batch of batches)
      for (const delivery of batch) {
        tries.push(delivery.tries);
        if (delivery.tries < 3) delivery.retry(0);
        else {
          delivery.ack();
          await batches.stop();
        }
      }
    expect(tries).toEqual([1, 2, 3]);
  });

  it('gives what a stop left unseen to the next at once', async () => {
    await publishMany(200);
    const first = await queue.activity(100);
    for await (const batch of first) {
      for (const delivery of batch.slice(0, 1)) delivery.ack();
      for (const delivery of batch.slice(1)) delivery.retry(0);
      break;
    }
    const took = startStopwatch();
    await take(await queue.activity(100), 199);
    expect(took()).toBeLessThan(5_000);
  });

  it('gives what is returned after a stop to the next at once', async () => {
    // NATS gives a message back to the request of the pull that has ended in about half of the rounds, unless it drops that request.
    for (let round = 0; round < 10; round++) {
      await publishMany(200);
      const first = await queue.activity(200);
      const taken: Delivery<Envelope>[] = [];
      for await (const batch of first) {
        taken.push(...batch);
        break;
      }
      for (const delivery of taken) delivery.retry(0);
      const took = startStopwatch();
      await take(await queue.activity(100), 200);
      expect(took()).toBeLessThan(5_000);
    }
  });

  it('gives what a killed recorder had in hand to the one that takes over, at once', async () => {
    await publishMany(20);
    const dead = openQueue({ url: nats.url, ...options });
    await dead.prepare();
    // Never answered, and its signs of life end with the connection: as by kill -9.
    await take(await dead.activity(100), 20, () => {});
    await dead.close();
    expect((await queue.consumer('recorder')).inFlight).toBe(20);
    await queue.takeOver();
    const took = startStopwatch();
    await take(await queue.activity(100), 20);
    expect(took()).toBeLessThan(5_000);
  });

  it('refuses when it is full, and takes again when there is room', async () => {
    const small = openQueue({ url: nats.url, ...options, maxBytes: 100_000 });
    await small.prepare();
    const big = () => sampleEvent({ data: { body: 'x'.repeat(10_000) } });
    const outcomes = [];
    for (let i = 0; i < 15; i++) outcomes.push(await small.publish(big()).catch((error: unknown) => error));
    const refused = outcomes.filter((outcome) => outcome !== undefined);
    expect(refused.length).toBeGreaterThan(4);
    for (const error of refused) expect(error).toMatchObject(busy);
    await take(await small.activity(100), 15 - refused.length);
    await eventually(() => small.publish(big()).then(() => true));
    await small.close();
  });

  it('keeps all acknowledged messages when it is nearly full', async () => {
    const small = openQueue({ url: nats.url, ...options, maxBytes: 100_000 });
    await small.prepare();
    // Every size, so that one of them fits by its data alone: NATS 2.9 drops the oldest message for such a
    // one.
    let acknowledged = 0;
    for (let size = 10_000; size > 0; size -= size > 9_000 ? 250 : 20)
      await small.publish(sampleEvent({ data: { body: 'x'.repeat(size) } })).then(
        () => {
          acknowledged += 1;
        },
        () => {},
      );
    const { state } = await askDirectly(nats.url, (jsm) => jsm.streams.info('ACTIVITY'));
    expect(acknowledged).toBeGreaterThan(5);
    expect([state.messages, state.first_seq]).toEqual([acknowledged, 1]);
    await small.close();
  });

  it('is filled beyond its limit by nobody, however many do it at once', async () => {
    const maxBytes = 1_000_000;
    const many = Array.from({ length: 5 }, () => openQueue({ url: nats.url, ...options, maxBytes }));
    await Promise.all(many.map((one) => one.prepare()));
    const body = 'x'.repeat(4_000);
    const outcomes = await Promise.all(
      many.flatMap((one) =>
        Array.from({ length: 200 }, () =>
          one.publish(sampleEvent({ data: { body } })).then(
            () => true,
            () => false,
          ),
        ),
      ),
    );
    const { state, config } = await askDirectly(nats.url, (jsm) => jsm.streams.info('ACTIVITY'));
    const acknowledged = outcomes.filter(Boolean).length;
    expect(acknowledged).toBeGreaterThan(0);
    expect(acknowledged).toBeLessThan(outcomes.length);
    expect(state.first_seq).toBe(1);
    expect(state.messages).toBeGreaterThanOrEqual(acknowledged);
    // A slice of each beyond what it saw, which is far from the server's own limit.
    expect(state.bytes).toBeLessThan(maxBytes + 5 * 262_144);
    expect(state.bytes).toBeLessThan(config.max_bytes / 2);
    await Promise.all(many.map((one) => one.close()));
  });
});

describe('claims', () => {
  it('has one winner, and everybody learns what the key stands for', async () => {
    const id = newId();
    const rivals = Array.from({ length: 20 }, (_, i) => sampleEvent({ id, data: { body: `${i}` } }));
    const claims = await Promise.all(rivals.map((event) => queue.claim(event)));
    expect(claims.filter((c) => c.first)).toHaveLength(1);
    const winner = claims.find((c) => c.first)?.event;
    expect(claims.map((c) => c.event)).toEqual(claims.map(() => winner));
    expect(await queue.claimed(id)).toEqual(winner);
    expect(await queue.claimed(newId())).toBeUndefined();
    expect(await queue.claimed('*')).toBeUndefined();
  });
});

describe('RECORDED', () => {
  it('has the position as its sequence, for every projection', async () => {
    const events = storedEvents(1, 700);
    await queue.relay(events.slice(0, 400));
    await queue.relay(events.slice(400));
    expect(await queue.lastPublished()).toBe(700);
    for (const name of projections) {
      const taken = await take(await queue.recorded(name, 100), 700);
      expect(taken.map((d) => d.value)).toEqual(events);
      await eventually(async () => (await queue.consumer(name)).ackFloor === 700);
    }
    await eventually(() =>
      askDirectly(nats.url, async (jsm) => (await jsm.streams.info('RECORDED')).state.messages === 0),
    );
  });

  it('refuses what is not the next position, whoever hands it on', async () => {
    await queue.relay(storedEvents(1, 3));
    await expect(queue.relay(storedEvents(5, 2))).rejects.toThrow(OutOfSequenceError);
    // Nothing of what lies beyond the next position is there.
    expect(await queue.lastPublished()).toBe(3);
    await expect(queue.relay(storedEvents(3, 1))).rejects.toThrow(OutOfSequenceError);
    // None of the refused events is stored.
    expect(await queue.lastPublished()).toBe(3);
    const rival = openQueue({ url: nats.url, ...options });
    await rival.prepare();
    const both = await Promise.allSettled([
      queue.relay(storedEvents(4, 500)),
      rival.relay(storedEvents(4, 500)),
    ]);
    expect(both.filter((o) => o.status === 'fulfilled').length).toBeLessThanOrEqual(1);
    const last = await queue.lastPublished();
    const taken = await take(await queue.recorded('feeds', 100), last);
    expect(taken.map((d) => d.value?.position)).toEqual(Array.from({ length: last }, (_, i) => i + 1));
    await rival.close();
  });

  it('says why a message in the middle was refused, and has all before it', async () => {
    const [refused, ...others] = storedEvents(1, 20);
    if (!refused) throw new Error('no events');
    await queue.relay([refused]);
    // The first of these is refused, and with it all others, whose own errors are its consequence.
    await expect(queue.relay([refused, ...others])).resolves.toBeUndefined();
    expect(await queue.lastPublished()).toBe(20);
    const taken = await take(await queue.recorded('posts', 100), 20);
    expect(taken.map((d) => d.value)).toEqual([refused, ...others]);
  });

  it('passes on the bytes that it is given', async () => {
    const [event] = storedEvents(1, 1);
    if (!event) throw new Error('no event');
    const text = JSON.stringify(event.event, null, 2);
    await queue.relay([{ ...event, bytes: Buffer.from(text) }]);
    expect((await take(await queue.recorded('posts', 1), 1)).map((d) => d.payload)).toEqual([text]);
  });

  it('refuses when it is full', async () => {
    const small = openQueue({ url: nats.url, ...options, maxBytes: 50_000 });
    await small.prepare();
    await expect(small.relay(storedEvents(1, 1_000))).rejects.toThrow(QueueFullError);
    expect(await small.lastPublished()).toBeLessThan(1_000);
    await small.close();
  });
});

describe('the consumer of a standby', () => {
  it('is there for whoever asks for its floor as soon as its messages are asked for, and after it was let go', async () => {
    for (let round = 0; round < 2; round++) {
      const batches = await queue.recorded('posts-standby', 10);
      expect(await queue.consumer('posts-standby')).toMatchObject({ ackFloor: round, waiting: 0 });
      await queue.relay(storedEvents(round + 1, 1));
      expect(await take(batches, 1)).toMatchObject([{ sequence: round + 1 }]);
      await batches.stop();
      await queue.letGo('posts-standby');
      for (const name of projections) await take(await queue.recorded(name, 10), 1);
    }
  });

  it('is created once the server is available, if it was down', async () => {
    await nats.kill();
    await eventually(async () => !queue.replicas()[0]?.up);
    const batches = await queue.recorded('posts-standby', 10);
    await nats.restart();
    await eventually(async () => (await queue.consumer('posts-standby')).attached);
    await batches.stop();
  });
});

describe('find', () => {
  it('knows an event while the queue holds it, with its position once it has one', async () => {
    const [waiting] = await publishMany(1);
    const [recorded] = storedEvents(1, 1);
    if (!waiting || !recorded) throw new Error('no events');
    await queue.relay([recorded]);
    expect(await queue.find(waiting.id)).toEqual({ event: waiting, position: null });
    expect(await queue.find(recorded.event.id)).toEqual({ event: recorded.event, position: 1 });
    expect(await queue.find(newId())).toBeUndefined();
    expect(await queue.find('*')).toBeUndefined();
  });
});

describe('a server that goes away', () => {
  it('is missed at once: what is asked fails, and works again when it is back', async () => {
    const patient = openQueue({ url: nats.url, ...options, ackTimeoutMs: 30_000 });
    await patient.prepare();
    await nats.kill();
    await eventually(() => !patient.replicas()[0]?.up);
    const took = startStopwatch();
    const asked = Array.from({ length: 1_000 }, () => patient.publish(sampleEvent()));
    for (const outcome of await Promise.allSettled(asked)) expect(outcome).toMatchObject({ reason: busy });
    await expect(patient.claim(sampleEvent())).rejects.toMatchObject(busy);
    expect(took()).toBeLessThan(10_000);
    await patient.close();
    await nats.restart();
    await eventually(() => queue.publish(sampleEvent()).then(() => true));
  });

  it('may hang: an answer comes in time all the same', async () => {
    await freeze(nats.pid);
    const took = startStopwatch();
    await expect(queue.publish(sampleEvent())).rejects.toMatchObject(busy);
    await expect(queue.claim(sampleEvent())).rejects.toMatchObject(busy);
    expect(took()).toBeLessThan(2 * options.ackTimeoutMs + 500);
    nats.signal('SIGCONT');
    await eventually(() => queue.publish(sampleEvent()).then(() => true));
  });

  it('interrupts batches, no more: nothing is lost over restarts', async () => {
    const batches = await queue.activity(20);
    const seen = new Set<string>();
    const taking = (async () => {
      for await (const batch of batches)
        for (const delivery of batch) {
          if (delivery.value) seen.add(delivery.value.id);
          delivery.ack();
        }
    })();
    const published: Envelope[] = [];
    for (let round = 0; round < 3; round++) {
      await eventually(async () => {
        published.push(...(await publishMany(50)));
        return true;
      });
      await nats.restart();
    }
    await eventually(() => published.every((e) => seen.has(e.id)), { what: 'every event' });
    await batches.stop();
    await taking;
  });
});
