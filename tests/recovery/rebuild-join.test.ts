import { rebuild } from '@rookery/projector';
import { projectionNames } from '@rookery/read-models/reducers';
import { expect, it } from 'vitest';
import { posts, record, users } from '../support/events/recorded-events.ts';
import { model } from '../support/model/social.ts';
import { expectDocuments } from '../support/systems/observe.ts';
import { projectorWorld } from '../support/systems/projector-world.ts';

const [post] = posts as [string];
const likes = record(
  Array.from({ length: 40 }, (_, i) => ({
    name: i % 5 === 4 ? ('rookery.post.unliked' as const) : ('rookery.post.liked' as const),
    actor: users[i % users.length] ?? '',
    subject: post,
    at: i,
    data: {},
  })),
);

it('a rebuild has what was projected after its last look and before the projectors began to write both', async () => {
  await using world = await projectorWorld();
  const { documents, eventStore } = world;
  await world.start();
  await world.record(likes.slice(0, 30));
  await world.caughtUp();
  let looks = 0;
  const rebuilt = await rebuild({
    documents,
    eventStore: {
      read: (after, limit) => eventStore.read(after, limit),
      deadLetters: (limit) => eventStore.deadLetters(limit),
      resolvedDeadLetters: (limit) => eventStore.resolvedDeadLetters(limit),
      addDeadLetter: (event) => eventStore.addDeadLetter(event),
      async head() {
        const head = await eventStore.head();
        // The first call returns the end of loading; by the second it finds that it is near enough to join.
        if (++looks === 2) {
          await world.record(likes.slice(30));
          await world.caughtUp();
        }
        return head;
      },
    },
    projections: projectionNames,
    signal: new AbortController().signal,
  });
  expect(looks).toBeGreaterThan(2);
  expect((await documents.generations(true)).of('reactions').live).toBe(rebuilt.generation);
  await expectDocuments(
    documents,
    model(likes),
    likes.map(({ event }) => event.id),
  );
});
