import { type Documents, openDocuments } from '@rookery/document-store';
import { collections } from '@rookery/read-models';
import { createLog } from '@rookery/runtime';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase, freshMongoUrl, lockTable } from '../support/index.ts';
import { propertyRuns } from '../support/property-runs.ts';
import { runSql } from '../support/servers/run-sql.ts';

const log = createLog('test', 'silent');
const runs = propertyRuns(20);

/** Documents of the suite; any collection would do. */
interface Doc {
  readonly actor?: string | number | boolean | null;
  readonly active?: boolean;
  readonly position?: number | string | null;
  readonly body?: unknown;
}

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

const collect = async <T>(source: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const each of source) all.push(each);
  return all;
};

const engines = [
  { engine: 'postgres', url: () => database.url, missing: false },
  { engine: 'mongodb', url: () => freshMongo ?? '', missing: freshMongoUrl() === undefined },
];
const freshMongo = freshMongoUrl();

describe.each(engines)('documents on $engine', ({ engine, url, missing }) => {
  describe.skipIf(missing)('the contract', () => {
    let documents: Documents;
    const items = () => documents.collection<Doc>('items');
    beforeAll(async () => {
      documents = await openDocuments(url(), { log });
      // Several processes at once, and again.
      await Promise.all([1, 2, 3].map(() => documents.prepare()));
      await documents.prepare();
    });
    beforeEach(() => items().clear());
    afterAll(() => documents.close());

    const put = async (docs: Readonly<Record<string, Doc>>) =>
      expect(
        await items().putMany(Object.entries(docs).map(([id, doc]) => ({ id, revision: 0, doc }))),
      ).toEqual([]);

    it('keeps documents by id, and answers nothing for those that are not there', async () => {
      await put({ a: { actor: 'x', body: { deep: [1, 'two', null, { three: true }] } }, b: {} });
      expect(await items().getMany(['a', 'b', 'c'])).toEqual(
        new Map([
          [
            'a',
            { id: 'a', revision: 1, doc: { actor: 'x', body: { deep: [1, 'two', null, { three: true }] } } },
          ],
          ['b', { id: 'b', revision: 1, doc: {} }],
        ]),
      );
      expect(await items().getMany([])).toEqual(new Map());
    });

    it('replaces a document if its revision is current, and reports those that lost', async () => {
      await put({ a: { actor: 'x', active: true }, b: { actor: 'x' }, c: { actor: 'x' } });
      const lost = await items().putMany([
        { id: 'a', revision: 1, doc: { actor: 'y' } },
        { id: 'b', revision: 0, doc: { actor: 'y' } },
        { id: 'c', revision: 7, doc: { actor: 'y' } },
        { id: 'd', revision: 0, doc: { actor: 'y' } },
      ]);
      expect(lost.toSorted()).toEqual(['b', 'c']);
      const now = await items().getMany(['a', 'b', 'c', 'd']);
      expect([...now.values()].map(({ id, revision, doc }) => [id, revision, doc]).toSorted()).toEqual([
        ['a', 2, { actor: 'y' }],
        ['b', 1, { actor: 'x' }],
        ['c', 1, { actor: 'x' }],
        ['d', 1, { actor: 'y' }],
      ]);
    });

    it('replaces what has the given revision, and creates nothing', async () => {
      await put({ a: { actor: 'x', active: true }, b: { actor: 'x' }, '\u0000': { actor: 'x' } });
      const lost = await items().replaceMany([
        { id: 'b', revision: 7, doc: { actor: 'y' } },
        { id: '\u0000', revision: 1, doc: { body: '\u0000' } },
        { id: 'a', revision: 1, doc: { actor: 'y' } },
        { id: 'gone', revision: 1, doc: { actor: 'y' } },
        { id: 'new', revision: 0, doc: { actor: 'y' } },
      ]);
      expect(lost.toSorted()).toEqual(['b', 'gone', 'new']);
      expect(await items().replaceMany([])).toEqual([]);
      const now = await collect(items().scan(10));
      expect(now.flat().map(({ id, revision, doc }) => [id, revision, doc])).toEqual([
        ['\u0000', 2, { body: '\u0000' }],
        ['a', 2, { actor: 'y' }],
        ['b', 1, { actor: 'x' }],
      ]);
    });

    it('inserts what is new, whatever its id, and names those that were there', async () => {
      const collection = documents.collection<{ n: number; text: string }>('items');
      const odd = ['a\nb', 'a', 'b', '', '\n', '\r\n\t', '\\N', '{a,b}', '\u2028'];
      const docs = odd.map((id, n) => ({ id, doc: { n, text: `line\nof ${id}` } }));
      expect(await collection.insertMany(docs.slice(0, 4))).toEqual([]);
      expect((await collection.insertMany(docs)).sort()).toEqual(odd.slice(0, 4).sort());
      const found = await collection.getMany(odd);
      for (const { id, doc } of docs) expect(found.get(id)).toEqual({ id, revision: 1, doc });
      expect(found.size).toBe(odd.length);
    });

    it('takes documents in bulk where nothing is there yet, and nowhere else', async () => {
      const beside = documents.beside(7, 'reactions');
      const bulk = await beside.bulk();
      // MongoDB has no quicker way than the usual one.
      if (!bulk) return;
      const odd = ['a\nb', 'a', '', '\t\r\n', '\\.', '\\N', 'lone \ud800', 'NUL \0'];
      const docs = odd.map((id, n) => ({ id, doc: { n, text: `tab\t, \\ and line\nof ${id}` } }));
      await bulk.insert('likes', docs.slice(0, 3));
      await bulk.insert('likes', docs.slice(3));
      await bulk.key();
      await bulk.key();
      const likes = beside.documents.collection('likes');
      expect(await likes.getMany(odd)).toEqual(
        new Map(docs.map(({ id, doc }) => [id, { id, revision: 1, doc }])),
      );
      // By key from here on, with what is there already.
      await beside.prepareBare();
      expect(await likes.insertMany(docs.slice(0, 1))).toEqual([odd[0]]);
      expect(await beside.bulk()).toBeUndefined();
      await expect(bulk.insert('likes', docs.slice(0, 1))).rejects.toThrow(/duplicate key/);
      await documents.dropGeneration(7);

      const other = await documents.beside(8, 'reactions').bulk();
      await other?.insert('shares', docs.slice(0, 1));
      await other?.insert('shares', docs.slice(0, 1));
      await expect(other?.key()).rejects.toThrow(TypeError);
      // A table that a killed load has left gets its key later.
      await documents.dropGeneration(8);
    });

    it('refuses a bulk write that names a document twice', async () => {
      const write = { id: 'a', revision: 0, doc: {} };
      await expect(items().putMany([write, write])).rejects.toThrow(TypeError);
      await expect(items().replaceMany([write, write])).rejects.toThrow(TypeError);
    });

    it('loses no increment of any number of writers', async () => {
      const counter = fc.constantFrom('p', 'q', 'r', 's');
      const worker = fc.array(fc.uniqueArray(counter, { minLength: 1 }), { minLength: 1, maxLength: 5 });
      await fc.assert(
        fc.asyncProperty(fc.array(worker, { minLength: 2, maxLength: 8, size: 'max' }), async (workers) => {
          await items().clear();
          await Promise.all(
            workers.map(async (batches) => {
              for (const batch of batches) {
                let waiting: readonly string[] = batch;
                while (waiting.length > 0) {
                  const before = await items().getMany(waiting);
                  waiting = await items().putMany(
                    waiting.map((id) => {
                      const { revision = 0, doc } = before.get(id) ?? {};
                      return { id, revision, doc: { position: Number(doc?.position ?? 0) + 1 } };
                    }),
                  );
                }
              }
            }),
          );
          const total: Record<string, number> = {};
          for (const id of workers.flat(2)) total[id] = (total[id] ?? 0) + 1;
          const found = await items().getMany(['p', 'q', 'r', 's']);
          expect(Object.fromEntries([...found].map(([id, { doc }]) => [id, doc.position]))).toEqual(total);
          for (const { revision, doc } of found.values()) expect(revision).toBe(doc.position);
        }),
        { numRuns: Math.ceil(runs / 2) },
      );
    });

    it('keeps every text exactly, in ids, fields, keys and conditions', async () => {
      const odd = fc.constantFrom(...'\0\u001b\ud83d\ude00\\"\'{},%$.'.split('').map((c) => c.charCodeAt(0)));
      const text = fc
        .array(fc.oneof(odd, fc.integer({ min: 0, max: 0xffff })), { minLength: 1, maxLength: 20 })
        .map((units) => String.fromCharCode(...units));
      // Keys of documents are ours; MongoDB's own marks are not among them.
      const key = text.map((t) => `k${t.replaceAll(/[.$]/g, '')}`);
      await fc.assert(
        fc.asyncProperty(
          fc.uniqueArray(text, { minLength: 1, maxLength: 5 }),
          text,
          key,
          async (all, body, k) => {
            await items().clear();
            await put(
              Object.fromEntries(all.map((t, i) => [t, { actor: t, position: i, body: { [k]: [body, t] } }])),
            );
            const found = await items().getMany(all);
            for (const [i, t] of all.entries()) {
              expect(found.get(t)?.doc).toEqual({ actor: t, position: i, body: { [k]: [body, t] } });
              expect(await items().count({ actor: t })).toBe(1);
            }
            expect(new Set((await collect(items().scan(2))).flat().map(({ id }) => id))).toEqual(
              new Set(all),
            );
          },
        ),
        { numRuns: runs },
      );
    });

    it('keeps 100,000 combining marks, and text that looks like a query', async () => {
      const zalgo = `a${'\u0301'.repeat(100_000)}`;
      const injection = `'; drop table items; -- {"$ne": 1} $1`;
      await put({ a: { body: zalgo }, b: { actor: injection } });
      expect((await items().getMany(['a'])).get('a')?.doc.body).toBe(zalgo);
      expect(await items().count({ actor: injection })).toBe(1);
    });

    it('tells the types of values apart; null is missing', async () => {
      await put({
        number: { actor: 1 },
        text: { actor: '1' },
        truth: { actor: true },
        nothing: { actor: null },
        missing: {},
      });
      const where = async (...actor: (string | number | boolean | null)[]) => await items().count({ actor });
      expect(await where(1)).toBe(1);
      expect(await where('1')).toBe(1);
      expect(await where(true)).toBe(1);
      expect(await where(false)).toBe(0);
      expect(await where(null)).toBe(2);
      expect(await where(1, '1', 1, null)).toBe(4);
      expect(await where()).toBe(0);
    });

    it('counts what matches', async () => {
      await put({
        a: { actor: 'x', active: true },
        b: { actor: 'x', active: true },
        c: { actor: 'x', active: false },
        d: { actor: 'y', active: true },
        e: { actor: 'z', active: false },
      });
      expect(await items().count({})).toBe(5);
      expect(await items().count({ active: true, actor: 'x' })).toBe(2);
    });

    it('scans everything once, in order of id, in batches', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.uniqueArray(fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' }), { maxLength: 15 }),
          fc.integer({ min: 1, max: 6 }),
          async (all, batch) => {
            await items().clear();
            await put(Object.fromEntries(all.map((id) => [id, { body: id }])));
            const batches = await collect(items().scan(batch));
            for (const b of batches) expect(b.length).toBeLessThanOrEqual(batch);
            expect(batches.flat().map(({ doc }) => doc.body)).toEqual(
              all.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
            );
          },
        ),
        { numRuns: runs },
      );
    });

    it('needs one round trip for each question, whatever its length', async () => {
      await put(
        Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`d${i}`, { actor: 'x', position: i }])),
      );
      const before = documents.calls;
      expect((await items().getMany(Array.from({ length: 300 }, (_, i) => `d${i}`))).size).toBe(300);
      expect(
        await items().page({
          where: { actor: ['x', 'y'] },
          orderBy: 'position',
          direction: 'asc',
          limit: 250,
        }),
      ).toHaveLength(250);
      expect(await items().count({ actor: 'x' })).toBe(300);
      expect(documents.calls - before).toBe(3);
    });

    it('reads by id from several collections at once, joined or not', async () => {
      await using stack = new AsyncDisposableStack();
      const options = { log, joinsGets: true };
      const joined = stack.adopt(await openDocuments(url(), options), (d) => d.close());
      await put({ a: { actor: 'x' }, b: { actor: 'y' } });
      const likes = joined.collection<Doc>('likes');
      const all = [
        joined.collection<Doc>('items').getMany(['a', 'c']),
        likes.getMany(['a']),
        joined.collection<Doc>('items').getMany(['b', 'a']),
      ];
      const [some, none, both] = await Promise.all(all);
      const found = await items().getMany(['a', 'b']);
      expect(some).toEqual(new Map([['a', found.get('a')]]));
      expect(none).toEqual(new Map());
      expect(both).toEqual(found);
      const before = joined.calls;
      await Promise.all([likes.getMany(['a']), joined.collection('items').getMany(['a'])]);
      expect(joined.calls - before).toBe(engine === 'postgres' ? 1 : 2);
    });

    it('keeps another set of the same collections apart', async () => {
      await using stack = new AsyncDisposableStack();
      const beside = stack.adopt(await openDocuments(url(), { namespace: 'rebuild_1', log }), (d) =>
        d.close(),
      );
      await beside.prepare();
      await put({ a: { actor: 'live' } });
      expect(await beside.collection('items').getMany(['a'])).toEqual(new Map());
      await beside.collection<Doc>('items').putMany([{ id: 'a', revision: 0, doc: { actor: 'beside' } }]);
      await beside.collection('items').clear();
      expect((await items().getMany(['a'])).get('a')?.doc).toEqual({ actor: 'live' });
    });

    it('knows the collections of its table, and no other', async () => {
      for (const name of Object.keys(collections))
        expect(await documents.collection(name).count({})).toBeTypeOf('number');
      expect(() => documents.collection('secrets')).toThrow(TypeError);
      await expect(items().count({ "actor'": 1 })).rejects.toThrow(TypeError);
    });

    // Not skipped on the other engine: a mutant demands that each test of this name runs.
    if (engine !== 'mongodb') {
      it('waits for no write of others to prepare what is there', async () => {
        const impatient = new URL(url());
        impatient.searchParams.set('options', '-c lock_timeout=2s');
        await using undo = new AsyncDisposableStack();
        undo.use(await lockTable(url(), 'documents.items', 'row exclusive'));
        const other = await openDocuments(impatient.href, { log });
        undo.defer(() => other.close());
        await other.prepare();
      });

      it('has Postgres keep no statistics of whole documents, in older tables too', async () => {
        await runSql(url(), 'alter table documents.items alter column doc set statistics -1');
        await documents.prepare();
        await put({ a: { actor: 'x' }, b: { actor: 'y' } });
        await runSql(url(), 'analyze documents.items');
        const known = await runSql(
          url(),
          `select attname from pg_stats where schemaname = 'documents' and tablename = 'items' order by 1`,
        );
        expect(known).toEqual([{ attname: 'id' }, { attname: 'revision' }]);
      });
    }
  });
});
