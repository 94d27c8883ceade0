import { setTimeout } from 'node:timers/promises';
import { DocumentsUnavailableError, openDocuments } from '@rookery/document-store';
import { createLog } from '@rookery/runtime';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { freshDatabase, freshMongoUrl, lockTable } from '../support/index.ts';
import { openLink } from './link.ts';

const log = createLog('test', 'silent');
const mongoUrl = freshMongoUrl();

/** Work on whole collections has no time limit of its own, and yet no server can make it hang. */
describe.concurrent('work on a whole collection while the server freezes', () => {
  it('fails on Postgres within two minutes, and succeeds afterwards', async () => {
    await using stack = new AsyncDisposableStack();
    const database = stack.use(await freshDatabase());
    const link = stack.use(await openLink(database.url));
    const documents = stack.adopt(await openDocuments(link.url, { log }), (opened) => opened.close());
    await documents.prepare();
    const items = documents.collection('items');
    await items.putMany([{ id: 'a', revision: 0, doc: {} }]);
    const lock = await lockTable(database.url, 'documents.items');
    const cleared = items.clear();
    cleared.catch(() => {});
    await eventually(async () => (await lock.waiting()) === 1, { what: 'the waiting statement' });
    link.freeze();
    await expect(cleared).rejects.toThrow(DocumentsUnavailableError);
    link.thaw();
    await lock.release();
    await eventually(() => items.clear().then(() => true), { what: 'an empty collection' });
    expect(await items.count({})).toBe(0);
  }, 150_000);

  it.skipIf(mongoUrl === undefined)(
    'fails on MongoDB within two minutes, and succeeds afterwards',
    async () => {
      await using stack = new AsyncDisposableStack();
      const link = stack.use(await openLink(mongoUrl ?? ''));
      const documents = stack.adopt(await openDocuments(link.url, { log }), (opened) => opened.close());
      const prepared = documents.prepare();
      prepared.catch(() => {});
      // It creates the indexes one by one: some of them are left.
      await setTimeout(50);
      link.freeze();
      await expect(prepared).rejects.toThrow(DocumentsUnavailableError);
      link.thaw();
      await eventually(() => documents.prepare().then(() => true), { what: 'prepared documents' });
    },
    150_000,
  );
});
