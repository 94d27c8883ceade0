import { openDocuments } from '@rookery/document-store';
import { createApply } from '@rookery/projector';
import { type CountDoc, countId } from '@rookery/read-models';
import { type Projection, projections } from '@rookery/read-models/reducers';
import { createLog, newId } from '@rookery/runtime';
import { expect, it } from 'vitest';
import { likeMany, rowsRead } from '../support/bulk-likes.ts';
import { posts, record } from '../support/events/recorded-events.ts';
import { freshDatabase } from '../support/index.ts';

const log = createLog('test', 'silent');
const reactions = projections.find(({ name }) => name === 'reactions') as Projection;
const [post] = posts as [string];

/** Round trips and rows that one like takes, and then its undo, if the post has so many likes before. */
const costAt = async (likes: number) => {
  await using database = await freshDatabase();
  const prepared = await openDocuments(database.url, { log });
  await likeMany(prepared, database.url, post, likes);
  await prepared.close();

  const before = await rowsRead(database.url, ['likes', 'counts']);
  const documents = await openDocuments(database.url, { log });
  const apply = createApply(reactions, { documents });
  const actor = newId();
  const events = (['rookery.post.liked', 'rookery.post.unliked'] as const).map((name, i) =>
    record([{ name, actor, subject: post, at: i, data: {} }], likes + i + 1),
  );
  for (const event of events) await apply(event);
  const { calls } = documents;
  const id = countId('likes', post);
  const count = (await documents.collection<CountDoc>('counts').getMany([id])).get(id);
  // Statistics of a session are complete once it has ended.
  await documents.close();
  expect(count?.doc.n).toBe(likes);
  return { calls, rows: (await rowsRead(database.url, ['likes', 'counts'])) - before };
};

it('a like and its undo cost the same on a post with 10 likes and on one with 100,000', async () => {
  const [few, many] = [await costAt(10), await costAt(100_000)];
  // One read and one write of the like each; the write changes the count too.
  expect([few.calls, many.calls]).toEqual([4, 4]);
  // The server may read all of a small table.
  expect(many.rows).toBeLessThanOrEqual(few.rows);
});
