import type { Collection, Documents } from '@rookery/document-store';
import { type RebuildOptions, rebuild } from '@rookery/projector';
import { expect, it } from 'vitest';
import { posts, record, users } from '../support/events/recorded-events.ts';
import { model } from '../support/model/social.ts';
import { expectDocuments } from '../support/systems/observe.ts';
import { type ProjectorWorld, projectorWorld } from '../support/systems/projector-world.ts';

const [post] = posts as [string];
const likes = record(
  Array.from({ length: 50 }, (_, i) => ({
    name: i % 5 === 4 ? ('rookery.post.unliked' as const) : ('rookery.post.liked' as const),
    actor: users[i % users.length] ?? '',
    subject: post,
    at: i,
    data: {},
  })),
);

/** An event store whose calls are those of the given one, unless others replace them. */
const storeWith = (
  eventStore: RebuildOptions['eventStore'],
  replaced: Partial<RebuildOptions['eventStore']>,
): RebuildOptions['eventStore'] => ({
  head: () => eventStore.head(),
  read: (after, limit) => eventStore.read(after, limit),
  deadLetters: (limit) => eventStore.deadLetters(limit),
  resolvedDeadLetters: (limit) => eventStore.resolvedDeadLetters(limit),
  addDeadLetter: (event) => eventStore.addDeadLetter(event),
  ...replaced,
});

/** The head of the event store, which more events follow at the second look. */
const headFollowedBy = (world: ProjectorWorld, more: typeof likes) => {
  let looks = 0;
  return {
    looks: () => looks,
    async head() {
      const head = await world.eventStore.head();
      // The first call returns the end of loading; by the second a rebuild finds that it is near enough to join.
      if (++looks === 2) {
        await world.record(more);
        await world.caughtUp();
      }
      return head;
    },
  };
};

// Concurrent: a rebuild waits for most of its time, and each has a world of its own.
it.concurrent('a rebuild has what was projected after its last look and before the projectors began to write both', async () => {
  await using world = await projectorWorld();
  const { documents, eventStore } = world;
  await world.start();
  await world.record(likes.slice(0, 30));
  await world.caughtUp();
  const { looks, head } = headFollowedBy(world, likes.slice(30, 40));
  const rebuilt = await rebuild({
    documents,
    eventStore: storeWith(eventStore, { head }),
    projections: ['reactions'],
    signal: new AbortController().signal,
  });
  expect(looks()).toBeGreaterThan(2);
  expect((await documents.generations(true)).of('reactions').live).toBe(rebuilt.generation);
  const recorded = likes.slice(0, 40);
  await expectDocuments(
    documents,
    model(recorded),
    recorded.map(({ event }) => event.id),
  );
});

it.concurrent('a rebuild that fails while it joins reads no further than before, however many events come meanwhile', async () => {
  await using world = await projectorWorld();
  const { documents, eventStore } = world;
  await world.start();
  await world.record(likes.slice(0, 30));
  await world.caughtUp();
  let isJoining = false;
  let readTo = 0;
  let failures = 0;
  /** The first save of what the join has read fails, after more events have come. */
  const failing: Documents = {
    ...documents,
    collection: <T>(name: string): Collection<T> => {
      const collection = documents.collection<T>(name);
      if (name !== 'rebuilds') return collection;
      return {
        ...collection,
        async putMany(writes) {
          if (readTo === 0 || failures > 0) return collection.putMany(writes);
          failures += 1;
          await world.record(likes.slice(40));
          await world.caughtUp();
          throw new Error('the store went away');
        },
      };
    },
  };
  const rebuilt = await rebuild({
    documents: failing,
    eventStore: storeWith(eventStore, {
      head: headFollowedBy(world, likes.slice(30, 40)).head,
      read(after, limit) {
        if (isJoining) readTo = Math.max(readTo, after + limit);
        return eventStore.read(after, limit);
      },
    }),
    projections: ['reactions'],
    signal: new AbortController().signal,
    onProgress: ({ phase }) => {
      isJoining = phase === 'join';
    },
  });
  expect(failures).toBe(1);
  expect(readTo).toBe(40);
  expect((await documents.generations(true)).of('reactions').live).toBe(rebuilt.generation);
  await expectDocuments(
    documents,
    model(likes),
    likes.map(({ event }) => event.id),
  );
});
