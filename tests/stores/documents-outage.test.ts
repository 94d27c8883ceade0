import { DocumentsUnavailableError, openDocuments } from '@rookery/document-store';
import { createLog } from '@rookery/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase, freshMongoUrl } from '../support/index.ts';
import { startStopwatch } from '../support/stopwatch.ts';
import { openLink } from './link.ts';

const log = createLog('test', 'silent');

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

const freshMongo = freshMongoUrl();
const engines = [
  { engine: 'postgres', url: () => database.url, missing: false },
  { engine: 'mongodb', url: () => freshMongo ?? '', missing: freshMongo === undefined },
];

describe.each(engines)('documents on $engine that are down', ({ url, missing }) => {
  it.skipIf(missing)(
    'fails within its limits while the server is frozen, and goes on when it thaws',
    async () => {
      await using stack = new AsyncDisposableStack();
      const documents = stack.adopt(await openDocuments(url(), { log }), (d) => d.close());
      await documents.prepare();
      await documents.collection('items').putMany([{ id: 'a', revision: 0, doc: { actor: 'x' } }]);
      const link = stack.use(await openLink(url()));
      const behind = stack.adopt(await openDocuments(link.url, { log }), (d) => d.close());
      await behind.ping();
      link.freeze();
      const took = startStopwatch();
      const answers = await Promise.allSettled([
        behind.ping(),
        ...Array.from({ length: 40 }, () => behind.collection('items').getMany(['a'])),
        behind.collection('items').putMany([{ id: 'z', revision: 0, doc: {} }]),
      ]);
      expect(took()).toBeLessThan(4_500);
      for (const answer of answers) {
        expect(answer).toMatchObject({ status: 'rejected', reason: expect.any(DocumentsUnavailableError) });
      }
      link.thaw();
      await expect
        .poll(() =>
          behind.ping().then(
            () => 'up',
            () => 'down',
          ),
        )
        .toBe('up');
      expect((await behind.collection('items').getMany(['a'])).size).toBe(1);
      expect(link.peak).toBeLessThanOrEqual(40);
    },
  );

  it.skipIf(missing)('fails quickly where there is no server', async () => {
    const nowhere = new URL(url());
    nowhere.port = '1';
    await using stack = new AsyncDisposableStack();
    const away = stack.adopt(await openDocuments(nowhere.href, { log }), (d) => d.close());
    const took = startStopwatch();
    await expect(away.collection('items').getMany(['a'])).rejects.toThrow(DocumentsUnavailableError);
    expect(took()).toBeLessThan(2_500);
  });
});

it.each(['', 'redis://localhost', 'documents', 'postgres://[', 'mongodb://', 'mongodb://h/%zz?x'])(
  'refuses the address %j',
  async (url) => {
    await expect(openDocuments(url, { log })).rejects.toThrow(/address of the documents/);
  },
);
