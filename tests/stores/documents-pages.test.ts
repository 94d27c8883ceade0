import { type Documents, openDocuments } from '@rookery/document-store';
import { createLog } from '@rookery/runtime';
import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { documentEngines, type FreshDatabase, freshDatabase } from '../support/index.ts';
import { propertyRuns } from '../support/property-runs.ts';
import { runSql } from '../support/servers/run-sql.ts';
import {
  examinedBy,
  plansOfLargeTables,
  type Statement,
  sessionSettings,
} from '../support/systems/rows-examined.ts';

const log = createLog('test', 'silent');
const runs = propertyRuns(20);

/** Documents of the suite; any collection would do. */
interface Doc {
  readonly actor?: string | number | boolean | null;
  readonly active?: boolean;
  readonly position?: number | string | null;
  readonly changed?: number | string | null;
  readonly body?: unknown;
}

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

describe.each(documentEngines())('pages of documents on $engine', ({ engine, documents: urlOf }) => {
  let documents: Documents;
  const items = () => documents.collection<Doc>('items');
  beforeAll(async () => {
    documents = await openDocuments(urlOf() ?? database.url, { log });
    await documents.prepare();
  });
  beforeEach(() => items().clear());
  afterAll(() => documents.close());

  const put = async (docs: Readonly<Record<string, Doc>>) =>
    expect(
      await items().putMany(Object.entries(docs).map(([id, doc]) => ({ id, revision: 0, doc }))),
    ).toEqual([]);
  const ids = (found: readonly { readonly id: string }[]) => found.map(({ id }) => id);

  /** Orders of an index of all documents, and of a sparse one. */
  const orders = ['position', 'changed'] as const;

  it.each(orders)(
    'pages by %s like a model: any condition, either direction, no number no place',
    async (orderBy) => {
      const doc = fc.record(
        {
          actor: fc.constantFrom('x', 'y', 'z', null),
          active: fc.boolean(),
          [orderBy]: fc.oneof(
            { weight: 9, arbitrary: fc.integer({ min: -50, max: 2 ** 40 }) },
            { weight: 1, arbitrary: fc.constantFrom(null, '7') },
          ),
        },
        { requiredKeys: [orderBy] },
      ) as fc.Arbitrary<Doc>;
      const docs = fc.uniqueArray(doc, { maxLength: 30, size: 'max', selector: (one) => one[orderBy] });
      const where = fc.record(
        {
          actor: fc.oneof(
            fc.constantFrom('x', null),
            fc.array(fc.constantFrom('x', 'y', 'w', null), { maxLength: 4 }),
          ),
          active: fc.boolean(),
        },
        { requiredKeys: [] },
      );
      await fc.assert(
        fc.asyncProperty(
          docs,
          where,
          fc.constantFrom('asc', 'desc'),
          fc.integer({ min: 1, max: 7 }),
          async (all, w, direction, limit) => {
            await items().clear();
            await put(Object.fromEntries(all.map((d, i) => [`d${i}`, d])));
            const holds = (d: Doc) =>
              Object.entries(w).every(([field, value]) =>
                [value].flat().includes((d as never)[field] ?? null),
              );
            const sign = direction === 'asc' ? 1 : -1;
            const expected = all
              .filter((d) => typeof d[orderBy] === 'number' && holds(d))
              .toSorted((a, b) => sign * (Number(a[orderBy]) - Number(b[orderBy])));
            const walked: Doc[] = [];
            for (let after: number | undefined; ; ) {
              const page = await items().page({
                where: w,
                orderBy,
                direction,
                limit,
                ...(after === undefined ? {} : { after }),
              });
              walked.push(...page.map((s) => s.doc));
              if (page.length < limit) break;
              after = Number(page.at(-1)?.doc[orderBy]);
            }
            expect(walked).toEqual(expected);
          },
        ),
        { numRuns: Math.ceil(runs / orders.length) },
      );
    },
  );

  it('reads some fields of the documents of a page alone', async () => {
    const body = ['\0', '\ud800', { deep: 'e "' }];
    await put({
      a: { actor: 'x', active: true, position: 1, body },
      b: { actor: 'x', active: false, position: 2 },
      c: { actor: 'y', active: true, position: 3 },
    });
    const request = { where: { actor: 'x' }, orderBy: 'position', direction: 'desc', limit: 3 } as const;
    expect(await items().pageOf(['body', 'active'], request)).toEqual([
      { id: 'b', revision: 1, doc: { body: null, active: false } },
      { id: 'a', revision: 1, doc: { body, active: true } },
    ]);
    expect(await items().pageOf(['active'], { ...request, until: 1 })).toHaveLength(1);
    await expect(items().pageOf(["body'" as 'body'], request)).rejects.toThrow(TypeError);
  });

  // Not skipped on the other engine: a mutant demands that each test of this name runs.
  if (engine !== 'mongodb') {
    it('keeps what has no place out of a sparse index', async () => {
      const docs = Array.from({ length: 40 }, (_, i) => ({
        actor: 'x',
        position: i,
        changed: i < 3 ? i : null,
      }));
      await put(Object.fromEntries(docs.map((doc, i) => [`d${i}`, doc])));
      await runSql(database.url, 'analyze documents.items');
      const indexes = await runSql<{ name: string; entries: number }>(
        database.url,
        `select relname as name, reltuples as entries from pg_class where relname like 'items_actor_%'`,
      );
      expect(Object.fromEntries(indexes.map(({ name, entries }) => [name, entries]))).toEqual({
        items_actor_active_position_text: 40,
        items_actor_changed_text: 3,
      });
    });
  }

  it('pages the documents of those whom other documents name, like a model', async () => {
    interface Follow {
      readonly actor: string;
      readonly object?: string | number | null;
      readonly active: boolean;
    }
    const follows = () => documents.collection<Follow>('follows');
    const author = fc.constantFrom('a', 'b', 'c', 'd', 'e "\ud800', 'f');
    const item = fc.record({
      actor: author,
      active: fc.boolean(),
      position: fc.integer({ min: 1, max: 99 }),
    });
    const followsOf = fc.array(
      fc.record({
        actor: fc.constantFrom('r', 's'),
        object: fc.oneof(
          { weight: 9, arbitrary: author },
          { weight: 1, arbitrary: fc.constantFrom(null, 7) },
        ),
        active: fc.boolean(),
      }),
      { maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(item, { maxLength: 60, size: 'max', selector: ({ position }) => position }),
        followsOf,
        fc.constantFrom('asc' as const, 'desc' as const),
        fc.integer({ min: 1, max: 9 }),
        fc.option(fc.integer({ min: 1, max: 99 }), { nil: undefined }),
        fc.option(fc.integer({ min: 1, max: 99 }), { nil: undefined, freq: 2 }),
        async (all, followed, direction, limit, after, until) => {
          await items().clear();
          await follows().clear();
          await put(Object.fromEntries(all.map((doc, i) => [`i${i}`, doc])));
          // The ids of relations begin with the actor, and reads rely on it.
          const idOf = (actor: string, i: number) => `${actor}:${i}`;
          await follows().putMany(followed.map((doc, i) => ({ id: idOf(doc.actor, i), revision: 0, doc })));
          const named = new Set(followed.flatMap((f) => (f.actor === 'r' && f.active ? [f.object] : [])));
          const sign = direction === 'asc' ? 1 : -1;
          const expected = all
            .filter((doc) => doc.active && named.has(doc.actor))
            .filter(({ position }) => after === undefined || sign * (position - after) > 0)
            .filter(({ position }) => until === undefined || sign * (until - position) > 0)
            .toSorted((a, b) => sign * (a.position - b.position));
          const request = {
            where: { active: true },
            among: {
              field: 'actor',
              collection: 'follows',
              values: 'object',
              where: { actor: 'r', active: true },
            },
            orderBy: 'position',
            direction,
            limit,
            after,
            until,
          };
          const page = await items().page(request);
          expect(page.map(({ doc }) => doc)).toEqual(expected.slice(0, limit));
          expect(await items().pageOf(['actor', 'changed'], request)).toEqual(
            page.map(({ doc: { actor }, ...rest }) => ({ ...rest, doc: { actor, changed: null } })),
          );
        },
      ),
      { numRuns: runs },
    );
  });

  it('pages the documents of those who have written nothing lately', async () => {
    const follows = documents.collection<Doc & { readonly object: string }>('follows');
    await follows.clear();
    const follow = { actor: 'r', object: 'old', active: true };
    await follows.putMany([{ id: 'r:old', revision: 0, doc: follow }]);
    await put(
      Object.fromEntries(
        Array.from({ length: 40 }, (_, position) => [
          `i${position}`,
          { actor: position < 5 ? 'old' : 'x', active: true, position },
        ]),
      ),
    );
    const among = {
      field: 'actor',
      collection: 'follows',
      values: 'object',
      where: { actor: 'r', active: true },
    };
    for (const [limit, expected] of [
      [3, ['i4', 'i3', 'i2']],
      [9, ['i4', 'i3', 'i2', 'i1', 'i0']],
    ] as const) {
      const request = {
        where: { active: true },
        among,
        orderBy: 'position',
        direction: 'desc',
        limit,
      } as const;
      expect(ids(await items().page(request))).toEqual(expected);
      expect(ids(await items().page({ ...request, after: 40 }))).toEqual(expected);
    }
  });

  // Not skipped on the other engine, as above.
  if (engine !== 'mongodb') {
    it('has each connection plan pages along one index once, and others for their values', async () => {
      const query = vi.spyOn(pg.Pool.prototype, 'query');
      const page = { orderBy: 'position', direction: 'desc', limit: 3 } as const;
      for (const actor of ['x', 'y', ['x', 'y']])
        await items().page({ ...page, where: { actor, active: true } });
      const names = query.mock.calls.flatMap(([config]) => {
        const { text, name } = config as unknown as { readonly text: string; readonly name?: string };
        return text.includes('"items"') ? [name] : [];
      });
      query.mockRestore();
      expect(names).toEqual([expect.any(String), names[0], undefined]);
    });

    it('looks at little for few authors who have written nothing lately', async () => {
      const authors = Array.from({ length: 8 }, (_, i) => `author${i}`);
      const limit = 144;
      const follows = documents.collection<Doc & { readonly object: string }>('follows');
      await follows.clear();
      const followed = authors.map((object) => ({ actor: 'r', object, active: true }));
      await follows.putMany(followed.map((doc) => ({ id: `r:${doc.object}`, revision: 0, doc })));
      // Each of them has a page, and two thousand others are newer.
      const theirs = authors.length * limit;
      const docs = Array.from({ length: theirs + 2_000 }, (_, position) => ({
        id: `i${position}`,
        doc: {
          actor: position < theirs ? (authors[position % authors.length] ?? '') : 'x',
          active: true,
          position,
        },
      }));
      await items().insertMany(docs);
      const query = vi.spyOn(pg.Pool.prototype, 'query');
      const page = await items().page({
        where: { active: true },
        among: {
          ...{ field: 'actor', collection: 'follows', values: 'object' },
          where: { actor: 'r', active: true },
        },
        ...{ orderBy: 'position', direction: 'desc', limit },
      });
      const [[statement] = []] = query.mock.calls as unknown as readonly (readonly [Statement])[];
      query.mockRestore();
      expect(ids(page)).toEqual(Array.from({ length: limit }, (_, i) => `i${theirs - 1 - i}`));
      const client = new pg.Client(database.url);
      await client.connect();
      try {
        await client.query(`${sessionSettings}; ${plansOfLargeTables}`);
        // Twice at as many new ones as the scans have, at two pages for all scans, and at the page itself: 1,330 in all.
        expect(await examinedBy(client, statement ?? { text: '', values: [] })).toBeLessThan(1_500);
      } finally {
        await client.end();
      }
    });
  }

  it.skipIf(engine === 'mongodb')('pages alike in a store that an earlier version has prepared', async () => {
    const authors = Array.from({ length: 30 }, (_, i) => `author${i}`);
    const follows = documents.collection<Doc & { readonly object: string }>('follows');
    await follows.clear();
    const followed = authors.map((object) => ({ actor: 'r', object, active: true }));
    await follows.putMany(followed.map((doc) => ({ id: `r:${doc.object}`, revision: 0, doc })));
    await put(
      Object.fromEntries(
        Array.from({ length: 90 }, (_, position) => [
          `i${position}`,
          { actor: position % 3 === 0 ? `author${position % 30}` : 'x', active: true, position },
        ]),
      ),
    );
    const page = async () =>
      ids(
        await items().page({
          where: { active: true },
          among: {
            ...{ field: 'actor', collection: 'follows', values: 'object' },
            where: { actor: 'r', active: true },
          },
          ...{ orderBy: 'position', direction: 'desc', limit: 5 },
        }),
      );
    const expected = ['i87', 'i84', 'i81', 'i78', 'i75'];
    expect(await page()).toEqual(expected);
    await runSql(database.url, 'drop index documents.items_active_position_text');
    expect(await page()).toEqual(expected);
    await documents.prepare();
    expect(await page()).toEqual(expected);
  });

  it('pages the documents of more authors than one query may ask for, however few wrote most', async () => {
    const authors = Array.from({ length: 450 }, (_, i) => `author${i}`);
    // One writes half of all, ten write a quarter, and everybody else once.
    const docs = Array.from({ length: 900 }, (_, i) => ({
      actor: authors[i % 2 ? 0 : i % 4 ? i % 10 : i / 2] ?? '',
      position: (i * 7919) % 900,
    }));
    const named = docs.map((doc, i) => [`i${i}`, doc] as const);
    for (let i = 0; i < named.length; i += 100) await put(Object.fromEntries(named.slice(i, i + 100)));
    for (const direction of ['asc', 'desc'] as const) {
      const page = await items().page({
        where: { actor: authors },
        orderBy: 'position',
        direction,
        limit: 60,
      });
      const positions = Array.from({ length: 60 }, (_, i) => (direction === 'asc' ? i : 899 - i));
      expect(page.map(({ doc }) => doc.position)).toEqual(positions);
    }
  });

  it('pages stay as they were while newer documents arrive', async () => {
    await put(
      Object.fromEntries(Array.from({ length: 25 }, (_, i) => [`d${i}`, { actor: 'x', position: i }])),
    );
    const seen: string[] = [];
    for (let after: number | undefined, round = 0; ; round++) {
      const page = await items().page({
        where: { actor: ['x', 'y'] },
        orderBy: 'position',
        direction: 'desc',
        limit: 4,
        ...(after === undefined ? {} : { after }),
      });
      seen.push(...ids(page));
      await put({ [`new${round}`]: { actor: 'y', position: 100 + round } });
      if (page.length < 4) break;
      after = Number(page.at(-1)?.doc.position);
    }
    expect(seen).toEqual(Array.from({ length: 25 }, (_, i) => `d${24 - i}`));
  });
});
