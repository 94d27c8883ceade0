import type { Documents } from '@rookery/document-store';
import { createApply, createFanOut } from '@rookery/projector';
import { projections as consumers } from '@rookery/read-models';
import { type Projection, projectionNames, projections as reducers } from '@rookery/read-models/reducers';
import { createLog, newId, readMetric } from '@rookery/runtime';
import type { RecordedEvent } from '@rookery/schema/events';
import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { type Fact, posts, record, users } from '../support/events/recorded-events.ts';
import { sampleEvent } from '../support/events/sample-events.ts';
import { eventually } from '../support/eventually.ts';
import { model } from '../support/model/social.ts';
import {
  beginEpoch,
  epochOf,
  expectDocuments,
  expectFeeds,
  feedOf,
  fillFeed,
} from '../support/systems/observe.ts';
import { projectorWorld } from '../support/systems/projector-world.ts';
import { checkCrash } from './check-crash.ts';
import { longHistory } from './long-history.ts';

const [ann, ben, cleo] = users as [string, string, string];
const [post] = posts as [string];
const ids = (events: typeof longHistory) => events.map(({ event }) => event.id);
const health = async (address: string) => (await fetch(`${address}/health/ready`)).status;

it('has a consumer for each projection', () => {
  expect([...projectionNames].sort()).toEqual([...consumers].sort());
});

// Concurrent: they wait for much of their time, and each has a world of its own.
describe.concurrent('several projectors at once', () => {
  it('share the work and end in what the model says, though deliveries come twice and late', async () => {
    await using world = await projectorWorld();
    await beginEpoch(world.documents);
    for (const reader of users) await fillFeed(world.documents, world.feeds, reader);
    // Two strangers take deliveries and give them back or keep them: so others get them again, later and out of order.
    const grabs = await Promise.all(projectionNames.map((name) => world.queue.recorded(name, 5)));
    const grabbing = grabs.map(async (batches) => {
      let seen = 0;
      for await (const batch of batches) {
        for (const delivery of batch) delivery.retry((seen++ * 37) % 150);
        if (seen >= 15) break;
      }
    });
    await world.record(longHistory.slice(0, 20));
    await Promise.all(grabbing);
    await Promise.all([world.start(), world.start(), world.start()]);
    await world.record(longHistory.slice(20));
    await world.caughtUp();

    const expected = model(longHistory);
    await expectDocuments(world.documents, expected, ids(longHistory));
    await expectFeeds(world.documents, world.feeds, expected, users);
    expect(await world.eventStore.deadLetters(10)).toEqual([]);
  });

  it('count exactly while hundreds of likes are switched on and off', async () => {
    await using world = await projectorWorld();
    await Promise.all([world.start(), world.start(), world.start()]);
    const toggles: Fact[] = Array.from({ length: 400 }, (_, i) => ({
      name: i % 3 === 2 ? 'rookery.post.unliked' : 'rookery.post.liked',
      actor: users[i % 4] as string,
      subject: posts[i % 2] as string,
      at: (i * 7919) % 400,
      data: {},
    }));
    const events = record(toggles);
    for (let i = 0; i < events.length; i += 50) await world.record(events.slice(i, i + 50));
    await world.caughtUp();
    await expectDocuments(world.documents, model(events), ids(events));
  });
});

describe.concurrent('a projector that dies', () => {
  it('at mid-batch:2 leaves nothing undone or doubled', () => checkCrash('mid-batch:2', longHistory));
});

describe.concurrent('Redis', () => {
  it('flushed in the middle: the feeds are filled again and complete', async () => {
    await using world = await projectorWorld();
    for (const reader of users) await fillFeed(world.documents, world.feeds, reader);
    await world.start();
    await world.record(longHistory.slice(0, 15));
    await world.caughtUp();
    const redis = new Redis(world.redis.url);
    await redis.flushall();
    redis.disconnect();
    for (const reader of users) expect(await feedOf(world.documents, world.feeds, reader)).toBeUndefined();
    // Readers come back while the rest is being projected.
    const rest = world.record(longHistory.slice(15));
    for (const reader of users) await fillFeed(world.documents, world.feeds, reader);
    await rest;
    await world.caughtUp();
    await expectFeeds(world.documents, world.feeds, model(longHistory), users);
  });

  it('away: the documents go on, and no feed of before is trusted afterwards', async () => {
    await using world = await projectorWorld();
    for (const reader of users) await fillFeed(world.documents, world.feeds, reader);
    const projector = await world.start();
    await world.record(longHistory.slice(0, 15));
    await world.caughtUp();
    expect(await health(projector.address)).toBe(200);
    await world.redis.kill();
    const feedsAre = async () => {
      const ready = await fetch(`${projector.address}/health/ready`);
      expect(ready.status).toBe(200);
      const { parts } = (await ready.json()) as { parts: Record<string, string> };
      return parts.feeds;
    };
    await eventually(async () => (await feedsAre()) === 'unavailable');
    await world.record(longHistory.slice(15));
    await world.caughtUp();
    const expected = model(longHistory);
    await expectDocuments(world.documents, expected, ids(longHistory));
    expect(await epochOf(world.documents)).toBeGreaterThan(0);
    await world.redis.restart();
    // Both the projector and this test are connected again.
    await eventually(async () => (await feedsAre()) === 'ok');
    await eventually(() => world.feeds.ping().then(() => true), { what: 'a connection to Redis' });
    for (const reader of users) {
      expect(await feedOf(world.documents, world.feeds, reader)).toBeUndefined();
      await fillFeed(world.documents, world.feeds, reader);
    }
    await expectFeeds(world.documents, world.feeds, expected, users);
    const late = record(
      [{ name: 'rookery.post.shared', actor: ann, subject: post, at: 1_000, data: {} }],
      longHistory.length + 1,
    );
    await world.record(late);
    await world.caughtUp();
    await expectFeeds(world.documents, world.feeds, model([...longHistory, ...late]), users);
  });
});

describe.concurrent('authors with many followers', () => {
  const follow = (actor: string): Fact => ({
    name: 'rookery.user.followed',
    actor,
    subject: ann,
    at: 0,
    data: {},
  });
  const publish = (id: string): Fact => ({
    name: 'rookery.post.published',
    actor: ann,
    subject: id,
    id,
    at: 1,
    data: { body: 'caw' },
  });

  it('are marked for good before anything is left out of a feed', async () => {
    await using world = await projectorWorld({ settings: { FANOUT_LIMIT: '2' } });
    await beginEpoch(world.documents);
    for (const reader of [ben, cleo]) await fillFeed(world.documents, world.feeds, reader);
    await world.start();
    const [first, second, third] = posts as [string, string, string];
    const unfollow: Fact = { ...follow(cleo), name: 'rookery.user.unfollowed', at: 3 };
    const facts = [follow(ben), publish(first), follow(cleo), publish(second), unfollow, publish(third)];
    const heard: string[] = [];
    const subscriber = new Redis(world.redis.url);
    subscriber.on('message', (channel) => heard.push(channel));
    await subscriber.subscribe(`live:author:${ann}`, `live:feed:${ben}`, `live:feed:${cleo}`);
    // One after the other, as time goes by.
    for (const one of record(facts)) {
      await world.record([one]);
      await world.caughtUp();
    }
    const big = await world.documents.collection('authors').getMany([ann]);
    expect(big.get(ann)?.doc).toEqual({ big: true });
    expect(await feedOf(world.documents, world.feeds, ben)).toEqual([`POST ${first}`]);
    // A reader who has unfollowed keeps nothing of it, broadcast author or not.
    expect(await feedOf(world.documents, world.feeds, cleo)).toEqual([]);
    await eventually(() => heard.filter((channel) => channel === `live:author:${ann}`).length === 2, {
      what: "two hints on the author's topic",
    });
    subscriber.disconnect();
  });
});

describe.concurrent('items of authors with many followers', () => {
  const [first, second] = posts as [string, string];
  const followed = (actor: string): Fact => ({
    name: 'rookery.user.followed',
    actor,
    subject: ann,
    at: 0,
    data: {},
  });
  const published = (id: string): Fact => ({
    name: 'rookery.post.published',
    actor: ann,
    subject: id,
    id,
    at: 1,
    data: { body: 'caw' },
  });
  const broadcastOf = async ({ documents }: { readonly documents: Documents }, item: string) =>
    (await documents.collection('broadcasts').getMany([item])).get(item)?.doc;

  it('add their items to the feed of a new follower, which Redis holds', async () => {
    await using world = await projectorWorld({ settings: { FANOUT_LIMIT: '1' } });
    await beginEpoch(world.documents);
    await fillFeed(world.documents, world.feeds, cleo);
    await world.start();
    for (const one of record([followed(ben), published(first), followed(cleo)])) {
      await world.record([one]);
      await world.caughtUp();
    }
    expect(await broadcastOf(world, first)).toEqual({ actor: ann, position: 2 });
    expect(await feedOf(world.documents, world.feeds, cleo)).toEqual([`POST ${first}`]);
  });

  it('read none of their followers, however many there are at the first of them', async () => {
    await using world = await projectorWorld();
    const { documents, feeds } = world;
    const log = createLog('test', 'silent');
    const fanOut = createFanOut({ documents, feeds, cap: 100, limit: 1, log });
    const feedsProjection = reducers.find(({ name }) => name === 'feeds') as Projection;
    const apply = createApply(feedsProjection, { documents, fanOut });
    const followers = Array.from({ length: 200 }, () => newId());
    const events = record([...followers.map(followed), published(first)]);
    await apply(events.slice(0, -1));
    const before = documents.rows;
    await apply(events.slice(-1));
    expect(await broadcastOf(world, first)).toEqual({ actor: ann, position: events.length });
    expect(documents.rows - before).toBeLessThan(20);
  });

  it('are broadcast beyond what readers have read, even if their event is applied late', async () => {
    await using world = await projectorWorld({ settings: { FANOUT_LIMIT: '1' } });
    const { documents, feeds } = world;
    const log = createLog('test', 'silent');
    const fanOut = createFanOut({ documents, feeds, cap: 100, limit: 1, log });
    const feedsProjection = reducers.find(({ name }) => name === 'feeds') as Projection;
    const apply = createApply(feedsProjection, { documents, fanOut });
    const [follow, early, late] = record([followed(ben), published(first), published(second)]);
    const checkpoint = (position: number) =>
      documents
        .collection('progress')
        .putMany([{ id: 'feeds', revision: position === 1 ? 0 : 1, doc: { position, at: '', epoch: 0 } }]);
    await apply([follow as RecordedEvent]);
    await checkpoint(1);
    await apply([late as RecordedEvent]);
    expect(await broadcastOf(world, second)).toEqual({ actor: ann, position: 3 });
    // A dead letter at position 2, which is redriven when all readers may have read up to position 9.
    await checkpoint(9);
    await apply([early as RecordedEvent]);
    expect(await broadcastOf(world, first)).toEqual({ actor: ann, position: 10 });
  });
});

describe.concurrent('hints', () => {
  it('come when what they are about is behind the progress', async () => {
    await using world = await projectorWorld();
    await fillFeed(world.documents, world.feeds, ben);
    await Promise.all([world.start(), world.start()]);
    const seen: { channel: string; position: number }[] = [];
    const reading: Promise<unknown>[] = [];
    const subscriber = new Redis(world.redis.url);
    subscriber.on('message', (channel) => {
      reading.push(
        world.progress().then((now) => {
          const projection = channel.startsWith('live:post:') ? 'posts' : 'feeds';
          seen.push({ channel, position: now.get(projection)?.position ?? 0 });
        }),
      );
    });
    await subscriber.subscribe(`live:feed:${ben}`, `live:post:${post}`);
    await world.record(
      record([
        { name: 'rookery.user.followed', actor: ben, subject: ann, at: 0, data: {} },
        { name: 'rookery.post.published', actor: ann, subject: post, id: post, at: 1, data: { body: 'caw' } },
      ]),
    );
    await world.caughtUp();
    const topics = [`live:post:${post}`, `live:feed:${ben}`];
    // The last hint on each topic finds everything. The first may come long before the last.
    await eventually(
      () => topics.every((topic) => seen.some(({ channel, position }) => channel === topic && position >= 2)),
      { what: 'a last hint on both topics' },
    );
    await Promise.all(reading);
    // None comes before the first event is done, and none about the post before the post is.
    expect(seen.every(({ position }) => position >= 1)).toBe(true);
    expect(seen.filter(({ channel }) => channel === `live:post:${post}`).every((s) => s.position >= 2)).toBe(
      true,
    );
    subscriber.disconnect();
  });
});

describe.concurrent('events that cannot be applied', () => {
  it('become dead letters with their reason when they are malformed, and everything else flows', async () => {
    await using world = await projectorWorld();
    const projector = await world.start();
    const bad = sampleEvent({ type: 'rookery.post.liked.v1', data: { surprise: true } });
    const good = sampleEvent({ type: 'rookery.post.liked.v1', data: {} });
    await world.record([bad, good]);
    await world.caughtUp();
    const deadLetters = await world.eventStore.deadLetters(10);
    expect(deadLetters.map(({ by }) => by).sort()).toEqual([...projectionNames].sort());
    for (const one of deadLetters) {
      expect(one).toMatchObject({ id: bad.id, position: 1, tries: 1 });
      expect(one.error).toContain('surprise');
    }
    expect(await health(projector.address)).toBe(200);
    const metrics = await (await fetch(`${projector.metricsUrl}/metrics`)).text();
    expect(metrics).toMatch(/rookery_projector_dead_letters_total\{[^}]*projection="feeds"[^}]*\} 1/);
  });

  it('stop a projection loudly when they are of an unknown version, and are not skipped', async () => {
    await using world = await projectorWorld();
    const projector = await world.start();
    await world.record([sampleEvent({ type: 'rookery.post.liked.v9', data: {} })]);
    // Each stops by itself, and stays so.
    for (const projection of projectionNames)
      await eventually(
        async () =>
          (await readMetric(projector.metricsUrl, 'rookery_projector_stopped', { projection })) === 1,
        { what: `${projection} has stopped` },
      );
    expect(await health(projector.address)).toBe(503);
    await world.record([sampleEvent({ type: 'rookery.post.liked.v1', data: {} })]);
    expect(await world.eventStore.deadLetters(10)).toEqual([]);
    for (const name of projectionNames) expect((await world.queue.consumer(name)).ackFloor).toBe(0);
  });
});
