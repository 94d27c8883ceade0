import { type Batches, type Delivery, openQueue, type Queue } from '@rookery/message-queue';
import { projections } from '@rookery/read-models';
import { createLog } from '@rookery/runtime';
import type { StoredEvent } from '@rookery/schema/events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { storedEvents } from '../support/events/sample-events.ts';
import { eventually } from '../support/eventually.ts';
import { type FreshServer, freshNats, startFaultProxy } from '../support/index.ts';
import { askDirectly } from '../support/servers/ask-directly.ts';

const log = createLog('test', 'silent');
const options = { replicas: 1, maxBytes: 64 * 1024 * 1024, ackTimeoutMs: 5_000, log };
const backlog = 300;

let nats: FreshServer;
let queue: Queue;
const open = (): Queue => openQueue({ url: nats.url, ...options });
beforeEach(async () => {
  nats = await freshNats();
  queue = open();
  await queue.prepare();
});
afterEach(async () => {
  await queue.close();
  await nats.stop();
});

/** Takes what comes and acknowledges it, or is busy with the first batch until it is told to go on. */
class Taking {
  readonly deliveries: Delivery<StoredEvent>[] = [];
  readonly #batches: Batches<StoredEvent>;
  readonly #running: Promise<void>;
  readonly #busy = Promise.withResolvers<void>();

  constructor(batches: Batches<StoredEvent>, work: 'acknowledges' | 'is busy') {
    this.#batches = batches;
    this.#running = this.#run(work);
  }

  async #run(work: 'acknowledges' | 'is busy'): Promise<void> {
    for await (const batch of this.#batches) {
      this.deliveries.push(...batch);
      if (work === 'is busy') await this.#busy.promise;
      for (const delivery of batch) delivery.ack();
    }
  }

  goOn(): void {
    this.#busy.resolve();
  }

  get sequences(): number[] {
    return this.deliveries.map(({ sequence }) => sequence);
  }

  async stop(): Promise<void> {
    this.goOn();
    await this.#batches.stop();
    await this.#running;
  }
}

const takeAll = async (name: string): Promise<Taking> =>
  new Taking(await queue.recorded(name, 20), 'acknowledges');
const holdFirst = async (name: string, by = queue): Promise<Taking> =>
  new Taking(await by.recorded(name, 20), 'is busy');

const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** Sequence from which a consumer receives messages. */
const beginningOf = async (name: string): Promise<number> => {
  const { config } = await askDirectly(nats.url, (jsm) => jsm.consumers.info('RECORDED', name));
  return config.opt_start_seq ?? 1;
};

/** Skips once the consumer has a delivery, which a process must have to know that it is alone. */
const skip = (atLeast = 1): Promise<boolean> =>
  eventually(() => queue.skipBacklog('posts', atLeast), { what: 'the skip' });

describe('a consumer that skips its backlog', () => {
  it('continues after the last message, while the others receive everything', async () => {
    await queue.relay(storedEvents(1, backlog));
    const { since } = await queue.consumer('posts');
    const posts = await holdFirst('posts');
    await skip();
    await queue.relay(storedEvents(backlog + 1, 1));
    await eventually(async () => (await queue.consumer('posts')).inFlight === 1, { what: 'a new delivery' });
    // Nothing is acknowledged yet, and others have not received the first message.
    expect((await queue.consumer('posts')).ackFloor).toBe(backlog);
    const before = posts.deliveries.length;
    expect((await queue.consumer('posts')).since).not.toBe(since);
    // The deliveries before the skip are acknowledged now, which says nothing to the new consumer.
    posts.goOn();
    await queue.relay(storedEvents(backlog + 2, 1));
    await eventually(() => posts.sequences.includes(backlog + 2), { what: 'the new messages' });
    expect(posts.sequences.slice(before)).toEqual([backlog + 1, backlog + 2]);
    await eventually(async () => (await queue.consumer('posts')).ackFloor === backlog + 2, {
      what: 'the floor',
    });
    const feeds = await takeAll('feeds');
    await eventually(() => feeds.deliveries.length === backlog + 2, { what: 'all messages' });
    expect(feeds.sequences).toEqual(numbers(1, backlog + 2));
    await feeds.stop();
    await posts.stop();
  });

  it('remains as it is for other processes and after a restart of the server', async () => {
    await queue.relay(storedEvents(1, backlog));
    const posts = await holdFirst('posts');
    await skip();
    await posts.stop();
    await nats.kill();
    await nats.restart();
    const other = open();
    await eventually(() => other.prepare().then(() => true), { what: 'another process' });
    expect(await other.consumer('posts')).toMatchObject({ ackFloor: backlog, waiting: 0 });
    expect(await other.hasAllPublished()).toBe(true);
    await other.close();
  });

  it('is deleted like any other once it is that of a standby which nobody pulls from', async () => {
    const standby = await holdFirst('posts-standby');
    await queue.relay(storedEvents(1, backlog));
    await eventually(() => queue.skipBacklog('posts-standby', 1), { what: 'the skip' });
    const { config } = await askDirectly(nats.url, (jsm) => jsm.consumers.info('RECORDED', 'posts-standby'));
    expect(config.inactive_threshold).toBeGreaterThan(0);
    await standby.stop();
  });

  it('leaves no other consumer behind', async () => {
    await queue.relay(storedEvents(1, backlog));
    const posts = await holdFirst('posts');
    await skip();
    const names = await askDirectly(nats.url, async (jsm) =>
      (await jsm.consumers.list('RECORDED').next()).map(({ name }) => name),
    );
    expect(names.sort()).toEqual([...projections].sort());
    await posts.stop();
  });

  it('misses nothing that is published meanwhile, though all others acknowledge it at once', async () => {
    const { hostname, port } = new URL(nats.url);
    await using link = await startFaultProxy({ host: hostname, port: Number(port) });
    const far = openQueue({ url: link.through(nats.url), ...options });
    await far.prepare();
    const others = await Promise.all(projections.filter((name) => name !== 'posts').map(takeAll));
    let published = 0;
    let isDone = false;
    const publishing = (async () => {
      while (!isDone) {
        await queue.relay(storedEvents(published + 1, 10));
        published += 10;
      }
    })();
    for (let round = 0; round < 2; round++) {
      // So that something is published between any two steps of the skip.
      link.set({ kind: 'delay', ms: 20 });
      const posts = await holdFirst('posts', far);
      await eventually(() => far.skipBacklog('posts', 1), { what: 'the skip' });
      link.set({ kind: 'pass' });
      const begin = await beginningOf('posts');
      const until = published + 20;
      posts.goOn();
      // Deliveries before the skip are before its beginning.
      const after = () => [...new Set(posts.sequences)].filter((sequence) => sequence >= begin);
      await eventually(() => Math.max(0, ...after()) >= until, { what: 'what follows' });
      const came = after();
      expect(came).toEqual(numbers(begin, begin + came.length - 1));
      await posts.stop();
    }
    isDone = true;
    await publishing;
    expect(await queue.hasAllPublished()).toBe(true);
    await Promise.all(others.map((one) => one.stop()));
    await far.close();
  });
});

describe('a consumer that does not skip its backlog', () => {
  const isRefused = async (atLeast: number): Promise<void> => {
    const before = await queue.consumer('posts');
    expect(await queue.skipBacklog('posts', atLeast)).toBe(false);
    expect((await queue.consumer('posts')).since).toBe(before.since);
  };

  it('has too few waiting messages, or has delivered nothing to this process', async () => {
    await queue.relay(storedEvents(1, backlog));
    await isRefused(1);
    const posts = await holdFirst('posts');
    await eventually(() => posts.deliveries.length > 0, { what: 'a delivery' });
    await isRefused(backlog);
    await posts.stop();
  });

  it('has deliveries at another process, too', async () => {
    const other = open();
    await other.prepare();
    await queue.relay(storedEvents(1, backlog));
    const theirs = await holdFirst('posts', other);
    await eventually(() => theirs.deliveries.length > 0, { what: 'a delivery to the other process' });
    const ours = await holdFirst('posts');
    await eventually(() => ours.deliveries.length > 0, { what: 'a delivery' });
    await isRefused(1);
    await theirs.stop();
    await other.close();
    await ours.stop();
  });
});
