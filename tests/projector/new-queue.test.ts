import { createProjectorMetrics, createReapply, EventPages, rebuild, verify } from '@rookery/projector';
import type { CheckpointDoc } from '@rookery/read-models';
import { projectionNames } from '@rookery/read-models/reducers';
import { createLog, Registry } from '@rookery/runtime';
import type { RecordedEvent } from '@rookery/schema/events';
import { describe, expect, it } from 'vitest';
import { createHistory } from '../support/events/history.ts';
import { posts, record, users } from '../support/events/recorded-events.ts';
import { sampleEvent } from '../support/events/sample-events.ts';
import { model } from '../support/model/social.ts';
import { epochOf, expectDocuments } from '../support/systems/observe.ts';
import { type ProjectorWorld, projectorWorld } from '../support/systems/projector-world.ts';

const log = createLog('test', 'silent');
const { signal } = new AbortController();
const [post] = posts as [string];
const likes = record(
  users.map((actor) => ({ name: 'rookery.post.liked' as const, actor, subject: post, at: 0, data: {} })),
);
const [first, second] = likes as [RecordedEvent, RecordedEvent];

/** Lets RECORDED continue after the last event, as a recorder does with a new queue. */
const renewQueue = async ({ queue, eventStore }: ProjectorWorld): Promise<void> => {
  const head = await eventStore.head();
  const [last] = await eventStore.read(head - 1, 1);
  await queue.renewRecorded();
  expect(last && (await queue.skipRecorded(last))).toBe(true);
};

const deadLettersOf = async ({ eventStore }: ProjectorWorld) =>
  (await eventStore.deadLetters(100)).map(({ by, position }) => `${by} ${position}`).sort();

const rebuildAll = ({ documents, eventStore }: ProjectorWorld) =>
  rebuild({ documents, eventStore, projections: projectionNames, signal });

// Concurrent: a rebuild waits for most of its time, and each test has a world of its own.
describe.concurrent('events that a new queue never delivered', () => {
  it('are applied from the event store; those that cannot be are dead letters, and dropped ones stay so', async () => {
    await using world = await projectorWorld();
    const { documents, eventStore, feeds } = world;
    await world.record(likes);
    const unreadable = sampleEvent({ data: {} });
    await world.record([unreadable, ...createHistory().next(500)]);
    const dropped = { by: 'reactions', id: first.event.id };
    await eventStore.addDeadLetter({ ...dropped, position: 1, error: 'no', tries: 8, payload: '' });
    await eventStore.resolveDeadLetter(dropped, { action: 'dropped', who: 'a test', why: 'it tests' });
    await renewQueue(world);
    await world.start();
    await world.caughtUp();
    expect(await deadLettersOf(world)).toEqual(
      projectionNames.map((name) => `${name} ${likes.length + 1}`).sort(),
    );
    const found = await documents
      .collection<{ active: boolean }>('likes')
      .getMany(likes.map(({ event }) => `${event.actor}:${event.subject}`));
    expect(found.has(`${first.event.actor}:${post}`)).toBe(false);
    expect(found.size).toBe(likes.length - 1);
    // A rebuild from the same events equals what was applied.
    const verified = await verify({
      documents,
      eventStore,
      feeds,
      cap: 800,
      projections: projectionNames,
      signal,
    });
    expect(verified).toMatchObject({ differences: [], unsettled: [] });
  }, 120_000);

  it('are tried three times alone, and the others do not suffer', async () => {
    await using world = await projectorWorld();
    const { documents, eventStore } = world;
    await world.record(likes);
    const tries: number[][] = [];
    const reapply = createReapply({
      ...{ projection: 'reactions', eventStore, documents, log, pages: new EventPages(eventStore) },
      metrics: createProjectorMetrics(new Registry()),
      probe: async () => {},
      async apply(events) {
        const positions = events.map(({ position }) => position);
        tries.push(positions);
        if (positions.includes(second.position)) throw new TypeError('it does not agree with me');
        return { topics: new Set() };
      },
    });
    const reached: number[] = [];
    await reapply(1, likes.length, async (position) => reached.push(position) && position, signal);
    expect(tries).toEqual([[1, 2, 3, 4], [1], [2], [2], [2], [3], [4]]);
    expect(reached).toEqual([4]);
    expect(await eventStore.deadLetters(10)).toMatchObject([
      {
        by: 'reactions',
        id: second.event.id,
        position: 2,
        tries: 3,
        error: expect.stringContaining('agree'),
      },
    ]);
  });

  it('are left to a rebuild that has built them meanwhile', async () => {
    await using world = await projectorWorld();
    const { documents, eventStore } = world;
    await world.record(createHistory().next(1_500));
    const applied: number[] = [];
    const reapply = createReapply({
      ...{ projection: 'reactions', eventStore, documents, log, pages: new EventPages(eventStore) },
      metrics: createProjectorMetrics(new Registry()),
      probe: async () => {},
      async apply(events) {
        applied.push(...events.map(({ position }) => position));
        return { topics: new Set() };
      },
    });
    // Another process has raised the checkpoint when the first batch is applied.
    await reapply(1, 1_500, async (position) => Math.max(position, 1_400), signal);
    expect(applied.slice(0, 1_000)).toEqual(Array.from({ length: 1_000 }, (_, i) => i + 1));
    expect(applied.slice(1_000)).toEqual(Array.from({ length: 100 }, (_, i) => 1_401 + i));
  });
});

describe.concurrent('read models that are built before anything is delivered', () => {
  it('are at the end of the store, with dead letters for what cannot be applied, and new feeds', async () => {
    await using world = await projectorWorld();
    const { documents } = world;
    const before = Date.now();
    const unreadable = sampleEvent({ data: {} });
    await world.record(likes);
    await world.record([unreadable]);
    // An event that a projector has applied is no dead letter, even if a rebuild cannot read it.
    const [applied = '', ...others] = projectionNames.filter((name) => name !== 'posts');
    const checkpoint = { position: likes.length + 1, at: new Date(0).toISOString(), epoch: 0 };
    await documents
      .collection<CheckpointDoc>('progress')
      .putMany([{ id: applied, revision: 0, doc: checkpoint }]);
    const { failed } = await rebuildAll(world);
    expect(failed).toEqual([]);
    const progress = await world.progress();
    expect(projectionNames.map((name) => progress.get(name)?.position)).toEqual(
      projectionNames.map(() => likes.length + 1),
    );
    expect(await deadLettersOf(world)).toEqual(
      ['posts', ...others].map((name) => `${name} ${likes.length + 1}`).sort(),
    );
    // Redis may hold feeds of documents that were lost, of any earlier epoch.
    expect(await epochOf(documents)).toBeGreaterThanOrEqual(before);
    await expectDocuments(
      documents,
      model(likes),
      likes.map(({ event }) => event.id),
    );
    // A roll-back relies on the position up to which the former generation was complete: it was empty.
    expect((await documents.generations(true)).of('posts').previous).toEqual({ generation: 0, upTo: 0 });
  }, 120_000);
});
