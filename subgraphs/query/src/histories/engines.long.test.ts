import { openDocuments } from '@rookery/document-store';
import type { CollectionName } from '@rookery/read-models';
import { createLog } from '@rookery/runtime';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { history, posts, users, words } from '../../../../tests/support/events/recorded-events.ts';
import { tellingHistories } from '../../../../tests/support/events/telling-histories.ts';
import { documentEngines, freshDatabase } from '../../../../tests/support/index.ts';
import { model } from '../../../../tests/support/model/social.ts';
import { seenInModel } from '../../../../tests/support/model/views.ts';
import { applied, type Documents, withCounts } from './documents.ts';
import { seenBy } from './seen.ts';

const asked = { users, posts, words };

describe.each(documentEngines())('the documents of random histories on $engine', ({ documents }) => {
  const resources = new AsyncDisposableStack();
  let store: Awaited<ReturnType<typeof openDocuments>>;
  beforeAll(async () => {
    const database = resources.use(await freshDatabase());
    store = await openDocuments(documents() ?? database.url, { log: createLog('test', 'silent') });
    resources.defer(() => store.close());
    await store.prepare();
  });
  afterAll(() => resources.disposeAsync());

  /** Puts the documents into the store, and takes them out again afterwards. */
  const withStored = async (all: Documents, use: () => Promise<void>): Promise<void> => {
    const filled = [...all].filter(([, docs]) => docs.size > 0);
    try {
      for (const [name, docs] of filled)
        await store.collection<unknown>(name).insertMany([...docs].map(([id, doc]) => ({ id, doc })));
      await use();
    } finally {
      for (const [name] of filled) await store.collection(name).clear();
    }
  };
  const reader = { collection: <N extends CollectionName>(name: N) => store.collection(name) };

  it(
    'show in feeds, threads, lists, search and notifications what the model says',
    { timeout: 1_200_000 },
    () =>
      fc.assert(
        fc.asyncProperty(history, async (events) => {
          const facts = model(events);
          await withStored(withCounts(applied(events)), async () => {
            for (const viewer of [...users, null])
              expect(await seenBy(reader as never, viewer, asked)).toEqual(seenInModel(facts, viewer, asked));
          });
        }),
        // A smaller history takes as long as another one, so that it is not looked for.
        { numRuns: 15, endOnFailure: true, examples: tellingHistories.map((events) => [events]) },
      ),
  );
});
