import { type Collection, type Documents, DocumentsUnavailableError } from '@rookery/document-store';
import { verify } from '@rookery/projector';
import { type CountDoc, countId, type RelationDoc, relationId, type Shapes } from '@rookery/read-models';
import { projectionNames } from '@rookery/read-models/reducers';
import { newId } from '@rookery/runtime';
import { makeEvent, writeEvent } from '@rookery/schema/events';
import { expect, it } from 'vitest';
import { createHistory } from '../support/events/history.ts';
import { projectorWorld } from '../support/systems/projector-world.ts';

const { signal } = new AbortController();

/** The same documents, in which something happens just before this collection is first written through them. */
const whenWritten = (documents: Documents, written: string, first: () => Promise<void>): Documents => {
  let happened = false;
  const seen = (side: Documents): Documents => ({
    ...side,
    collection: <T>(name: string): Collection<T> => {
      const collection = side.collection<T>(name);
      return {
        ...collection,
        async putMany(writes) {
          if (name === written && !happened) {
            happened = true;
            await first();
          }
          return collection.putMany(writes);
        },
      };
    },
  });
  return { ...documents, at: (choose) => seen(documents.at(choose)) };
};

// Concurrent: what differs is looked at again after a while, and each test has a world of its own.
it.concurrent.each([
  { written: 'with it, and mends it', forged: { body: 'forged' }, differences: 0, repaired: 0 },
  {
    written: 'beside it, and leaves it',
    forged: { createdAt: '1999-01-01T00:00:00.000Z' },
    differences: 1,
    repaired: 1,
  },
])('repair that meets a live write looks again: $written', async ({ forged, ...outcome }) => {
  await using world = await projectorWorld();
  const { documents, eventStore, feeds } = world;
  await world.start();
  const history = createHistory({ users: 5 });
  await world.record(history.next(40));
  await world.caughtUp();

  const posts = documents.collection<Shapes['posts']>('posts');
  const [post = ''] = history.posts;
  const stored = (await posts.getMany([post])).get(post);
  if (!stored?.doc.author) throw new Error('there is no such post');
  await posts.putMany([{ ...stored, doc: { ...stored.doc, ...forged } }]);
  const edit = makeEvent({
    name: 'rookery.post.edited',
    id: newId(),
    subject: post,
    actor: stored.doc.author,
    time: '2026-06-01T00:00:00.000Z',
    data: { body: 'Said by its author' },
  });
  const mended = await verify({
    documents: whenWritten(documents, 'posts', async () => {
      await world.record([writeEvent(edit)]);
      await world.caughtUp();
    }),
    eventStore,
    feeds,
    cap: 800,
    projections: projectionNames,
    signal,
    repair: true,
  });
  expect(mended).toMatchObject({ repaired: outcome.repaired, unsettled: [] });
  expect(mended.differences).toHaveLength(outcome.differences);
  const now = (await posts.getMany([post])).get(post)?.doc;
  expect(now).toMatchObject({ body: 'Said by its author', createdAt: stored.doc.createdAt });
});

it.concurrent('repair mends the count of a set if a live write met a wrong document of it', async () => {
  await using world = await projectorWorld();
  const { documents, eventStore } = world;
  await world.start();
  const [actor, object] = [newId(), newId()];
  const act = (name: 'rookery.post.liked' | 'rookery.post.unliked', by: string, time: string) =>
    writeEvent(makeEvent({ name, id: newId(), subject: object, actor: by, time, data: {} }));
  await world.record([
    act('rookery.post.liked', actor, '2026-06-01T00:00:00.000Z'),
    act('rookery.post.liked', newId(), '2026-06-01T00:00:00.000Z'),
  ]);
  await world.caughtUp();
  const likes = documents.collection<RelationDoc>('likes');
  const id = relationId(actor, object);
  const stored = (await likes.getMany([id])).get(id);
  if (!stored) throw new Error('there is no such like');
  await likes.putMany([{ ...stored, doc: { ...stored.doc, active: false, position: null, since: null } }]);

  const undoes = async (): Promise<void> => {
    await world.record([act('rookery.post.unliked', actor, '2026-06-02T00:00:00.000Z')]);
    await world.caughtUp();
  };
  const projections = ['reactions'];
  const options = { eventStore, cap: 800, projections, signal };
  await verify({ ...options, documents: whenWritten(documents, 'likes', undoes), repair: true });
  const count = countId('likes', object);
  const counts = documents.collection<CountDoc>('counts');
  expect((await counts.getMany([count])).get(count)?.doc).toEqual({ n: 1 });
  expect(await verify({ ...options, documents })).toMatchObject({ differences: [], unsettled: [] });
});

it.concurrent('verify leaves no note behind, though a write of it was not answered', async () => {
  await using world = await projectorWorld();
  const { documents, eventStore } = world;
  await world.start();
  await world.record(createHistory({ users: 5 }).next(20));
  await world.caughtUp();
  let unanswered = 0;
  const flaky: Documents = {
    ...documents,
    collection: <T>(name: string): Collection<T> => {
      const collection = documents.collection<T>(name);
      return {
        ...collection,
        async putMany(writes) {
          const lost = await collection.putMany(writes);
          if (name === 'rebuilds' && unanswered++ === 0) throw new DocumentsUnavailableError('no answer');
          return lost;
        },
      };
    },
  };
  const projections = ['posts'];
  expect(await verify({ documents: flaky, eventStore, cap: 800, projections, signal })).toMatchObject({
    differences: [],
  });
  expect(unanswered).toBeGreaterThan(1);
  for await (const left of documents.collection('rebuilds').scan(10)) expect(left).toEqual([]);
});
