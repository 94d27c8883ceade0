import { setTimeout } from 'node:timers/promises';
import { type Documents, openDocuments } from '@rookery/document-store';
import { createApply, startRecounts } from '@rookery/projector';
import { type CountDoc, countId, type RecountDoc } from '@rookery/read-models';
import { type Projection, projections } from '@rookery/read-models/reducers';
import { createLog, newId } from '@rookery/runtime';
import { expect, it } from 'vitest';
import { posts, record } from '../support/events/recorded-events.ts';
import { eventually } from '../support/eventually.ts';
import { documentEngines, freshDatabase } from '../support/index.ts';

const log = createLog('test', 'silent');
const reactions = projections.find(({ name }) => name === 'reactions') as Projection;
const [hot, quiet, other] = posts as [string, string, string];
const like = (subject: string, position: number) =>
  record([{ name: 'rookery.post.liked', actor: newId(), subject, at: position, data: {} }], position);

const setCount = async (documents: Documents, post: string, n: number) => {
  const counts = documents.collection<CountDoc>('counts');
  const id = countId('likes', post);
  const revision = (await counts.getMany([id])).get(id)?.revision ?? 0;
  expect(await counts.putMany([{ id, revision, doc: { n } }])).toEqual([]);
};

const likeCounts = async (documents: Documents): Promise<(number | undefined)[]> => {
  const ids = [hot, quiet, other].map((post) => countId('likes', post));
  const found = await documents.collection<CountDoc>('counts').getMany(ids);
  return ids.map((id) => found.get(id)?.doc.n);
};

const lastRecount = async (documents: Documents) =>
  (await documents.collection<RecountDoc>('recounts').getMany(['reactions:0'])).get('reactions:0')?.doc
    .isLast;

it.for(documentEngines())(
  'counts that a crash of the version before has left wrong become right while likes go on: $engine',
  async ({ documents: urlOf }) => {
    await using stack = new AsyncDisposableStack();
    const url = urlOf() ?? stack.use(await freshDatabase()).url;
    const documents = stack.adopt(await openDocuments(url, { log }), (opened) => opened.close());
    await documents.prepare();
    const apply = createApply(reactions, { documents });
    let position = 0;
    const likeAgain = (post: string) => apply(like(post, ++position));
    for (const post of [hot, quiet, other]) await likeAgain(post);

    // It wrote the documents of its last batch, and not the counts.
    await setCount(documents, hot, 0);
    await setCount(documents, quiet, 0);
    const stopping = new AbortController();
    const liking = (async () => {
      while (!stopping.signal.aborted) {
        await likeAgain(hot);
        await setTimeout(5);
      }
    })();
    const options = { documents, projection: reactions, log, intervalMs: 20 };
    await using recounts = startRecounts({ ...options, settleMs: 3_600_000 });
    await eventually(async () => (await lastRecount(documents)) === false);
    stopping.abort();
    await liking;
    expect(await likeCounts(documents)).toEqual([position - 2, 1, 1]);

    // A projector of the version before was still running.
    await setCount(documents, other, 7);
    await recounts[Symbol.asyncDispose]();
    await using _ = startRecounts({ ...options, settleMs: 0 });
    await eventually(async () => (await lastRecount(documents)) === true);
    expect(await likeCounts(documents)).toEqual([position - 2, 1, 1]);
  },
);
