import { type Documents, openDocuments } from '@rookery/document-store';
import { createLog } from '@rookery/runtime';
import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { documentEngines, type FreshDatabase, freshDatabase } from '../support/index.ts';
import { runSql } from '../support/servers/run-sql.ts';

const log = createLog('test', 'silent');

/** Documents of a collection with an index of each value of a list. */
interface Doc {
  readonly hashtags?: readonly string[];
  readonly position?: number | null;
}

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

const values = ['rook', 'crow', '"', 'a\0', '日本'] as const;
const hashtags = fc.array(fc.constantFrom(...values), { maxLength: 4 });
const content = fc.record({ hashtags }, { requiredKeys: [] });
/** A write of one of three documents, or its removal if there is no content: most are written more than once. */
const step = fc.record({ n: fc.nat(2), content: fc.option(content), isPlaced: fc.boolean() });

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

describe.each(documentEngines())('an index of the values of a list on $engine', ({ engine, ...of }) => {
  let documents: Documents;
  const posts = () => documents.collection<Doc>('posts');
  beforeAll(async () => {
    documents = await openDocuments(of.documents() ?? database.url, { log });
    await documents.prepare();
  });
  beforeEach(() => posts().clear());
  afterAll(() => documents.close());

  const change = async ({ n, content, isPlaced }: Step) => {
    const id = `p${n}`;
    const revision = (await posts().getMany([id])).get(id)?.revision ?? 0;
    if (content === null) await posts().removeMany([{ id, revision }]);
    else
      await posts().putMany([
        { id, revision, doc: { ...content, ...(isPlaced ? { position: n + 1 } : {}) } },
      ]);
  };
  const walk = async (hashtags: string, direction: 'asc' | 'desc', limit: number): Promise<string[]> => {
    const ids: string[] = [];
    for (let after: number | undefined; ; ) {
      const found = await posts().page({
        ...{ where: { hashtags }, orderBy: 'position', direction, limit },
        ...(after === undefined ? {} : { after }),
      });
      ids.push(...found.map(({ id }) => id));
      if (found.length < limit) return ids;
      after = found.at(-1)?.doc.position ?? 0;
    }
  };

  it('finds what has the value, in order, whatever was written, changed and removed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 8, size: 'max' }),
        fc.constantFrom('asc', 'desc'),
        fc.integer({ min: 1, max: 3 }),
        async (steps, direction, limit) => {
          await posts().clear();
          const model = new Map<number, Doc>();
          for (const one of steps) {
            await change(one);
            if (one.content && one.isPlaced) model.set(one.n, one.content);
            else model.delete(one.n);
          }
          for (const wanted of values) {
            const expected = [...model]
              .flatMap(([n, { hashtags = [] }]) => (hashtags.includes(wanted) ? [n] : []))
              .toSorted((a, b) => (direction === 'asc' ? a - b : b - a));
            expect(await walk(wanted, direction, limit)).toEqual(expected.map((n) => `p${n}`));
          }
        },
      ),
      { numRuns: 25, endOnFailure: true },
    );
  });

  it('loses no value if a write loses, and finds what was inserted in bulk', async () => {
    await posts().insertMany([{ id: 'p1', doc: { hashtags: ['rook'], position: 1 } }]);
    const late = { id: 'p1', revision: 0, doc: { hashtags: ['crow'], position: 1 } };
    expect(await posts().putMany([late])).toEqual(['p1']);
    expect([await walk('rook', 'asc', 5), await walk('crow', 'asc', 5)]).toEqual([['p1'], []]);
  });

  it.skipIf(engine === 'mongodb')(
    'has what an earlier version has stored, and leaves nothing behind',
    async () => {
      const url = database.url;
      const table = 'documents.posts_each_hashtags';
      await runSql(url, `drop table ${table}; drop function ${table}() cascade`);
      await posts().insertMany([{ id: 'p1', doc: { hashtags: ['rook', 'rook'], position: 1 } }]);
      await documents.prepare();
      expect(await walk('rook', 'asc', 5)).toEqual(['p1']);
      await posts().clear();
      expect(await runSql(url, `select * from ${table}`)).toEqual([]);
      const beside = documents.beside(7, 'posts');
      await beside.prepare();
      await beside.clear();
      const left = await runSql(url, `select 1 from pg_proc where proname = 'posts_each_hashtags'`);
      expect(left).toHaveLength(1);
    },
  );

  it.skipIf(engine === 'mongodb')('replaces the triggers of an earlier version', async () => {
    const name = 'documents.posts_each_hashtags';
    const row = `select element::text, (doc->>'position')::float8, id
      from (select new.id as id, new.doc as doc) as written, jsonb_array_elements(doc->'hashtags') as element`;
    await runSql(
      database.url,
      `drop function ${name}() cascade;
      create function ${name}() returns trigger language plpgsql as $$ begin
        insert into ${name} ${row}; return null;
      end $$;
      create trigger posts_each_hashtags_insert after insert on documents.posts
        for each row execute function ${name}()`,
    );
    await posts().insertMany([{ id: 'p1', doc: { hashtags: ['rook'], position: 1 } }]);
    await documents.prepare();
    await posts().putMany([
      { id: 'p1', revision: 1, doc: { hashtags: ['crow'], position: 1 } },
      { id: 'p2', revision: 0, doc: { hashtags: ['crow', 'rook'], position: 2 } },
    ]);
    expect([await walk('rook', 'asc', 5), await walk('crow', 'asc', 5)]).toEqual([['p2'], ['p1', 'p2']]);
  });

  it.skipIf(engine === 'mongodb')('takes a row that somebody has left', async () => {
    await runSql(
      database.url,
      `insert into documents.posts_each_hashtags (value, key, id) values ('"rook"', 1, 'p1')`,
    );
    await posts().putMany([
      { id: 'p1', revision: 0, doc: { hashtags: ['rook', 'rook', 'crow'], position: 1 } },
    ]);
    expect([await walk('rook', 'asc', 5), await walk('crow', 'asc', 5)]).toEqual([['p1'], ['p1']]);
  });

  it.skipIf(engine === 'mongodb')('has what is written while it is made', async () => {
    const table = 'documents.posts_each_hashtags';
    await runSql(database.url, `drop table ${table}; drop function ${table}() cascade`);
    const [writer, watcher] = [0, 1].map(() => new pg.Client({ connectionString: database.url }));
    if (!writer || !watcher) throw new Error('no connections');
    await Promise.all([writer.connect(), watcher.connect()]);
    await writer.query(`begin; insert into documents.posts (id, revision, doc)
      values ('p1', 1, '{"hashtags": ["rook"], "position": 1}')`);
    const made = documents.prepare();
    await eventually(async () => {
      const { rows } = await watcher.query(
        `select from pg_locks where relation = 'documents.posts'::regclass and not granted`,
      );
      return rows.length === 1;
    });
    await writer.query('commit');
    await made;
    expect(await walk('rook', 'asc', 5)).toEqual(['p1']);
    await Promise.all([writer.end(), watcher.end()]);
  });

  it.skipIf(engine === 'mongodb')('refuses a page with another condition', async () => {
    const page = posts().page({
      ...{ where: { hashtags: 'rook', deleted: false }, orderBy: 'position', direction: 'asc', limit: 1 },
    });
    await expect(page).rejects.toThrow(TypeError);
  });
});
