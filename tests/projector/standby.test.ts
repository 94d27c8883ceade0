import { openDocuments } from '@rookery/document-store';
import { type CheckpointDoc, projections, standbyOf } from '@rookery/read-models';
import { createLog } from '@rookery/runtime';
import { expect, it } from 'vitest';
import { posts, record, users } from '../support/events/recorded-events.ts';
import { eventually } from '../support/eventually.ts';
import { freshDatabase } from '../support/index.ts';
import { model } from '../support/model/social.ts';
import { expectDocuments } from '../support/systems/observe.ts';
import { projectorWorld } from '../support/systems/projector-world.ts';

const [post] = posts as [string];
const likes = record(
  users.map((actor) => ({ name: 'rookery.post.liked' as const, actor, subject: post, at: 0, data: {} })),
);
const ids = likes.map(({ event }) => event.id);

it('a standby has consumers of its own: it and the primary each get everything', async () => {
  await using database = await freshDatabase();
  await using world = await projectorWorld();
  await using resources = new AsyncDisposableStack();
  const standby = resources.adopt(
    await openDocuments(database.url, { log: createLog('test', 'silent') }),
    (documents) => documents.close(),
  );
  await using _projector = await world.start({ DOCUMENTS_STANDBY_URL: database.url });
  // Only what comes once both are fed shows who gets it: before that, a standby is filled from the event store.
  for (const name of projections)
    await eventually(
      () =>
        world.queue.consumer(standbyOf(name)).then(
          ({ attached }) => attached,
          () => false,
        ),
      { what: `${standbyOf(name)} is fed` },
    );
  await world.record(likes);
  await world.caughtUp();
  await eventually(async () => {
    const found = await standby.collection<CheckpointDoc>('progress').getMany(projections);
    return projections.every((name) => (found.get(name)?.doc.position ?? 0) >= likes.length);
  });
  await expectDocuments(world.documents, model(likes), ids);
  await expectDocuments(standby, model(likes), ids);
  expect(await world.eventStore.deadLetters(10)).toEqual([]);
});
