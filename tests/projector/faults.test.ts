import { DocumentsUnavailableError } from '@rookery/document-store';
import {
  type Apply,
  consume,
  createApply,
  createDeadLetters,
  createProjectorMetrics,
  followProgress,
  probeStore,
} from '@rookery/projector';
import { projections } from '@rookery/read-models/reducers';
import { createLog, Registry, readMetric } from '@rookery/runtime';
import type { RecordedEvent } from '@rookery/schema/events';
import { describe, expect, it } from 'vitest';
import { posts, record, users } from '../support/events/recorded-events.ts';
import { sampleEvent } from '../support/events/sample-events.ts';
import { eventually } from '../support/eventually.ts';
import { startFaultProxy } from '../support/index.ts';
import { model } from '../support/model/social.ts';
import { epochOf, expectDocuments, expectFeeds, feedOf, fillFeed } from '../support/systems/observe.ts';
import { type ProjectorWorld, projectorWorld } from '../support/systems/projector-world.ts';

const log = createLog('test', 'silent');
const [ann, ben] = users as [string, string];
const [first, second] = posts as [string, string];
const likes = record(
  users.map((actor) => ({ name: 'rookery.post.liked' as const, actor, subject: first, at: 0, data: {} })),
);
const published = (id: string, position: number): RecordedEvent[] =>
  record(
    [{ name: 'rookery.post.published', actor: ann, subject: id, id, at: 1, data: { body: 'caw' } }],
    position,
  );
const followed = record([{ name: 'rookery.user.followed', actor: ben, subject: ann, at: 0, data: {} }]);
const ids = (events: RecordedEvent[]) => events.map(({ event }) => event.id);

/** A proxy before the server of this URL. */
const proxyTo = async (url: string) => {
  const { hostname, port } = new URL(url);
  return startFaultProxy({ host: hostname, port: Number(port) });
};

/** Consumes reactions as a projector does, but applies them as it is told. */
const consumeReactions = async (
  world: ProjectorWorld,
  applyVia: (apply: Apply, events: readonly RecordedEvent[]) => ReturnType<Apply>,
): Promise<{ check(): Promise<void> } & AsyncDisposable> => {
  const projection = projections.find(({ name }) => name === 'reactions') ?? expect.fail('no reactions');
  const apply = createApply(projection, { documents: world.documents });
  const metrics = createProjectorMetrics(new Registry());
  await using undo = new AsyncDisposableStack();
  const progress = undo.use(
    followProgress({
      ...{ projection: 'reactions', ...world, catchUpFrom: 10_000, log, metrics },
      reapply: async () => {},
    }),
  );
  const consumer = undo.use(
    consume({
      projection: 'reactions',
      batches: await world.queue.recorded('reactions', 10),
      apply: (events) => applyVia(apply, events),
      documents: world.documents,
      probe: () => probeStore(world.documents, projection),
      deadLetters: createDeadLetters({ projection: 'reactions', eventStore: world.eventStore, log, metrics }),
      progress,
      log,
      metrics,
    }),
  );
  const resources = undo.move();
  return { check: () => consumer.check(), [Symbol.asyncDispose]: () => resources.disposeAsync() };
};

// Concurrent: they wait for most of their time, for stores and between attempts, and each has a world of its own.
describe.concurrent('an event that keeps failing', () => {
  it('is tried eight times, then becomes a dead letter; the others do not wait for it', async () => {
    await using world = await projectorWorld();
    const [poison] = likes as [RecordedEvent];
    // As long as it is tried, nobody may believe that it has been applied.
    const believed: number[] = [];
    await using consumer = await consumeReactions(world, async (apply, events) => {
      if (!events.some(({ event }) => event.id === poison.event.id)) return apply(events);
      if (events.length === 1) believed.push((await world.progress()).get('reactions')?.position ?? 0);
      throw new TypeError('it does not agree with me');
    });
    await world.record(likes);
    const others = likes.slice(1).map(({ event }) => `${event.actor}:${event.subject}`);
    await eventually(async () => (await world.documents.collection('likes').getMany(others)).size === 3);
    await world.caughtUp(['reactions']);
    expect(believed).toEqual(Array.from({ length: 8 }, () => 0));
    expect(await world.eventStore.deadLetters(10)).toMatchObject([
      {
        by: 'reactions',
        id: poison.event.id,
        position: 1,
        tries: 8,
        error: expect.stringContaining('agree with me'),
      },
    ]);
    await consumer.check();
  });
});

describe.concurrent('a store that is down', () => {
  it('documents: nothing is counted against an event, and all is applied when they are back', async () => {
    await using world = await projectorWorld();
    await using link = await proxyTo(world.env.DOCUMENTS_URL ?? '');
    const projector = await world.start({ DOCUMENTS_URL: link.through(world.env.DOCUMENTS_URL ?? '') });
    link.set({ kind: 'cut' });
    await world.record(likes);
    const failed = { projection: 'reactions', reason: 'store' };
    const failures = async () =>
      (await readMetric(projector.metricsUrl, 'rookery_projector_failures_total', failed)) ?? 0;
    // More often than an event would be tried.
    await eventually(async () => (await failures()) > 8, {
      what: 'nine failures because the documents are down',
    });
    expect((await fetch(`${projector.address}/health/ready`)).status).toBe(503);
    expect(await world.eventStore.deadLetters(10)).toEqual([]);
    link.set({ kind: 'pass' });
    await world.caughtUp();
    await expectDocuments(world.documents, model(likes), ids(likes));
    expect(await world.eventStore.deadLetters(10)).toEqual([]);
  });

  it('documents that are too slow for a batch get a part of it at a time', async () => {
    await using world = await projectorWorld();
    await world.record(likes);
    const given: number[] = [];
    await using _consumer = await consumeReactions(world, async (apply, events) => {
      given.push(events.length);
      if (events.length > 1) throw new DocumentsUnavailableError('no answer in time');
      return apply(events);
    });
    await world.caughtUp(['reactions']);
    expect(given[0]).toBeGreaterThan(1);
    expect(await world.documents.collection('likes').count({ active: true })).toBe(4);
    expect(await world.eventStore.deadLetters(10)).toEqual([]);
  });

  it('event store: a dead letter waits for it, and the rest flows', async () => {
    await using world = await projectorWorld();
    await using link = await proxyTo(world.env.POSTGRES_URL ?? '');
    await world.start({ POSTGRES_URL: link.through(world.env.POSTGRES_URL ?? '') });
    link.set({ kind: 'cut' });
    const bad = sampleEvent({ type: 'rookery.post.liked.v1', data: { surprise: true } });
    await world.record([bad, ...likes]);
    await eventually(async () => (await world.documents.collection('likes').count({ active: true })) === 4);
    expect((await world.progress()).get('reactions')?.position ?? 0).toBe(0);
    link.set({ kind: 'pass' });
    await world.caughtUp();
    expect((await world.eventStore.deadLetters(10)).map(({ id }) => id)).toEqual(
      projections.map(() => bad.id),
    );
  });

  it('Redis, for the projector alone: readers who still reach it are not shown a feed that lacks something', async () => {
    await using world = await projectorWorld();
    await using link = await proxyTo(world.env.REDIS_URL ?? '');
    await world.start({ REDIS_URL: link.through(world.env.REDIS_URL ?? '') });
    await world.record([...followed, ...published(first, 2)]);
    await world.caughtUp();
    await fillFeed(world.documents, world.feeds, ben);
    expect(await feedOf(world.documents, world.feeds, ben)).toEqual([`POST ${first}`]);
    const before = await epochOf(world.documents);
    for (const kind of ['cut', 'half-open'] as const) {
      link.set({ kind });
      const position = (await world.eventStore.head()) + 1;
      await world.record(published(kind === 'cut' ? second : (posts[2] as string), position));
      await world.caughtUp();
      // Progress says that the post is there: so the feed without it must be out of reach.
      expect(await feedOf(world.documents, world.feeds, ben)).toBeUndefined();
      await fillFeed(world.documents, world.feeds, ben);
    }
    expect(await epochOf(world.documents)).toBeGreaterThanOrEqual(before + 2);
    link.set({ kind: 'pass' });
    const all = [...followed, ...posts.flatMap((id, i) => published(id, i + 2))];
    await expectFeeds(world.documents, world.feeds, model(all), [ben]);
  });

  it('the queue: it resumes from its last position', async () => {
    await using world = await projectorWorld();
    await world.start();
    await world.record(likes.slice(0, 2));
    await world.caughtUp();
    await world.nats.restart();
    await eventually(() => world.queue.ping().then(() => true));
    await world.record(likes.slice(2));
    await world.caughtUp();
    await expectDocuments(world.documents, model(likes), ids(likes));
  });
});

describe.concurrent('progress', () => {
  it('only ever rises, even if a queue that lost its data restarts', async () => {
    await using world = await projectorWorld();
    let ackFloor = 7;
    const queue = {
      consumer: async () => ({ ackFloor, inFlight: 0, waiting: 0, attached: true, since: 'now' }),
      skipBacklog: async () => false,
      lastPublished: async () => 0,
    };
    const { documents, feeds } = world;
    const metrics = createProjectorMetrics(new Registry());
    const follow = () =>
      followProgress({
        ...{ projection: 'posts', queue, catchUpFrom: 10_000, documents, feeds, log, metrics },
        reapply: async () => {},
      });
    const position = async () => (await world.progress()).get('posts')?.position;
    {
      await using _first = follow();
      await eventually(async () => (await position()) === 7);
    }
    ackFloor = 2;
    // Stopping looks a last time, so all that it does is done.
    await follow()[Symbol.asyncDispose]();
    expect(await position()).toBe(7);
    ackFloor = 9;
    await follow()[Symbol.asyncDispose]();
    expect(await position()).toBe(9);
  });

  it('leaves the documents alone while the queue does not tell the floor', async () => {
    await using world = await projectorWorld();
    const { documents, feeds } = world;
    let asked = 0;
    let prepared = 0;
    const queue = {
      consumer: async () => {
        asked++;
        throw new Error('timeout');
      },
      skipBacklog: async () => false,
      lastPublished: async () => 0,
    };
    {
      await using _progress = followProgress({
        ...{ projection: 'posts', queue, catchUpFrom: 10_000, feeds, log },
        metrics: createProjectorMetrics(new Registry()),
        documents: { ...documents, prepare: async () => void prepared++ },
        reapply: async () => {},
      });
      await eventually(async () => asked >= 2);
    }
    expect(prepared).toBe(0);
  });
});
