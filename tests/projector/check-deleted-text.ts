import type { Documents } from '@rookery/document-store';
import { rebuild, rollBack, verify } from '@rookery/projector';
import type { CollectionName } from '@rookery/read-models';
import { projectionNames } from '@rookery/read-models/reducers';
import { newId } from '@rookery/runtime';
import { makeEvent, writeEvent } from '@rookery/schema/events';
import { expect } from 'vitest';
import { projectorWorld } from '../support/systems/projector-world.ts';

const secret = 'what nobody may read any more';
const author = newId();

const time = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
const published = (id: string) =>
  makeEvent({
    name: 'rookery.post.published',
    id,
    subject: id,
    actor: author,
    time: time(0),
    data: { body: secret },
  });
const edited = (subject: string, second: number) =>
  makeEvent({
    name: 'rookery.post.edited',
    id: newId(),
    subject,
    actor: author,
    time: time(second),
    data: { body: `${secret}, edited` },
  });
const deleted = (subject: string) =>
  makeEvent({
    name: 'rookery.post.deleted',
    id: newId(),
    subject,
    actor: author,
    time: time(5),
    data: {},
  });

const textsIn = async (documents: Documents): Promise<string[]> => {
  const found: string[] = [];
  const names: CollectionName[] = ['posts', 'items', 'notifications', 'activities', 'users', 'counts'];
  for (const name of names)
    for await (const docs of documents.collection(name).scan(100))
      found.push(...docs.filter((doc) => JSON.stringify(doc).includes(secret)).map(({ id }) => id));
  return found;
};

/** Deletes posts around a rebuild of these projections, and checks that no generation of the documents keeps their text. */
export const checkDeletedText = async (
  signal: AbortSignal,
  documentsUrl: string | undefined,
  projections: typeof projectionNames,
): Promise<void> => {
  await using world = await projectorWorld(documentsUrl === undefined ? {} : { documentsUrl });
  const { documents, eventStore } = world;
  await world.start();
  const [before, after, unseen, kept] = [newId(), newId(), newId(), newId()];
  await world.record(
    [published(before), published(after), published(kept), edited(after, 1)].map(writeEvent),
  );
  await world.caughtUp();
  await world.record([deleted(before), edited(before, 9)].map(writeEvent));
  await world.caughtUp();
  expect((await textsIn(documents)).sort()).toEqual([after, kept].sort());

  const { generation } = await rebuild({ documents, eventStore, projections, signal });
  const previous = documents.at(() => 0);
  const live = documents.at((projection) => (projections.includes(projection) ? generation : 0));
  expect((await textsIn(previous)).sort()).toEqual([after, kept].sort());
  await world.record([deleted(after), edited(after, 9), deleted(unseen), published(unseen)].map(writeEvent));
  await world.caughtUp();
  expect(await textsIn(live)).toEqual([kept]);
  expect(await textsIn(previous)).toEqual([kept]);

  const verified = () => verify({ documents, eventStore, cap: 800, projections: projectionNames, signal });
  expect(await verified()).toMatchObject({ differences: [], unsettled: [] });
  await rollBack({ documents, eventStore, projection: 'posts', signal });
  expect(await verified()).toMatchObject({ differences: [], unsettled: [] });
  expect(await textsIn(documents)).toEqual([kept]);
};
