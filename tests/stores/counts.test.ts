import { type Documents, openDocuments } from '@rookery/document-store';
import { createApply } from '@rookery/projector';
import { type CountDoc, countId } from '@rookery/read-models';
import { type Projection, projections } from '@rookery/read-models/reducers';
import { createLog, newId } from '@rookery/runtime';
import { MongoClient } from 'mongodb';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { posts, record, users } from '../support/events/recorded-events.ts';
import { eventually } from '../support/eventually.ts';
import { type FreshDatabase, freshDatabase, freshMongoUrl } from '../support/index.ts';
import { tapMongo } from '../support/servers/mongo-tap.ts';

/** The counts of a document change with it, exactly once: on both engines, in whatever order workers and crashes come. */

const log = createLog('test', 'silent');
const [post, other] = posts as [string, string];
const [ann, ben] = users as [string, string];
const reactions = projections.find(({ name }) => name === 'reactions') as Projection;

type Kind = 'rookery.post.liked' | 'rookery.post.unliked';
const like = (actor: string, position: number, name: Kind = 'rookery.post.liked', subject = post) =>
  record([{ name, actor, subject, at: position, data: {} }], position);

let database: FreshDatabase;
const mongoUrl = freshMongoUrl();
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

const countOf = async (documents: Documents, of = post, kind: 'likes' | 'posts' = 'likes') => {
  const id = countId(kind, of);
  return (await documents.collection<CountDoc>('counts').getMany([id])).get(id)?.doc;
};

/** Documents in which every worker has read before any of them writes. */
const afterAllHaveRead = (documents: Documents, workers: number): Documents => {
  const allHaveRead = Promise.withResolvers<void>();
  let left = workers;
  return {
    ...documents,
    collection: <T>(name: string) => {
      const real = documents.collection<T>(name);
      return {
        ...real,
        async getMany(ids) {
          const found = await real.getMany(ids);
          left -= 1;
          if (left === 0) allHaveRead.resolve();
          if (left >= 0) await allHaveRead.promise;
          return found;
        },
      };
    },
  };
};

/** Reactions with their likes only, so that each worker reads once. */
const likesOnly: Projection = {
  ...reactions,
  merges: reactions.merges.filter(({ collection }) => collection === 'likes'),
};

describe.each([
  { engine: 'postgres', url: () => database.url, missing: false },
  { engine: 'mongodb', url: () => mongoUrl ?? '', missing: mongoUrl === undefined },
])('counts on $engine', ({ url, missing }) => {
  describe.skipIf(missing)('the contract', () => {
    let documents: Documents;
    beforeAll(async () => {
      documents = await openDocuments(url(), { log });
      await documents.prepare();
    });
    beforeEach(async () => {
      for (const name of ['likes', 'counts', 'posts']) await documents.collection(name).clear();
    });
    afterAll(() => documents.close());

    it('change only with the writes that win, and are created by the first document of a set', async () => {
      const likes = documents.collection('likes');
      const write = (id: string, revision: number, by: -1 | 0 | 1) => ({
        id,
        revision,
        doc: { active: by > 0 },
        counts: [{ id: countId('likes', post), by }],
      });
      expect(await likes.putMany([write('a', 0, 0)])).toEqual([]);
      expect(await countOf(documents)).toEqual({ n: 0 });
      expect(await likes.putMany([write('a', 1, 1), write('b', 0, 1), write('c', 0, 1)])).toEqual([]);
      expect(await countOf(documents)).toEqual({ n: 3 });
      expect(await likes.putMany([write('a', 1, -1), write('b', 1, -1), write('c', 0, -1)])).toEqual([
        'a',
        'c',
      ]);
      expect(await countOf(documents)).toEqual({ n: 2 });
    });

    it('are exact if workers apply the same event at once', async () => {
      const at = afterAllHaveRead(documents, 4);
      await Promise.all(
        Array.from({ length: 4 }, () => createApply(likesOnly, { documents: at })(like(ann, 1))),
      );
      expect(await countOf(documents)).toEqual({ n: 1 });
    });

    it('are exact if workers change one set at once', async () => {
      const at = afterAllHaveRead(documents, 8);
      const people = Array.from({ length: 8 }, newId);
      await Promise.all(
        people.map((person, i) => createApply(likesOnly, { documents: at })(like(person, i + 1))),
      );
      expect(await countOf(documents)).toEqual({ n: 8 });
      await Promise.all(
        people.map((person, i) => {
          const toggled = [...like(person, i + 11, 'rookery.post.unliked'), ...like(person, i + 21)];
          const ends = i % 2 === 0 ? toggled.slice(0, 1) : toggled;
          return createApply(likesOnly, { documents })(ends);
        }),
      );
      expect(await countOf(documents)).toEqual({ n: 4 });
    });

    it('do not change if events are applied again, late or twice', async () => {
      const apply = createApply(reactions, { documents });
      const [liked, unliked] = [like(ann, 1), like(ann, 2, 'rookery.post.unliked')];
      await apply(unliked);
      expect(await countOf(documents)).toEqual({ n: 0 });
      for (const events of [liked, unliked, liked, [...liked, ...unliked, ...like(ben, 3)], like(ben, 3)])
        await apply(events);
      expect(await countOf(documents)).toEqual({ n: 1 });
    });

    it('follow a document from one set to another, and into none', async () => {
      /** Documents that name their set and whether they are members. */
      const moving: Projection = {
        ...reactions,
        merges: reactions.merges.flatMap((merge) =>
          merge.collection === 'likes'
            ? [{ ...merge, merge: (_: unknown, { event }) => event.data as object }]
            : [],
        ),
      };
      const apply = createApply(moving, { documents });
      const set = (doc: object) =>
        apply(like(ann, 1).map((e) => ({ ...e, event: { ...e.event, data: doc } as never })));
      const both = async () => [(await countOf(documents))?.n, (await countOf(documents, other))?.n];
      await set({ object: post, active: true });
      expect(await both()).toEqual([1, undefined]);
      await set({ object: other, active: true });
      expect(await both()).toEqual([0, 1]);
      await set({ object: null, active: true });
      expect(await both()).toEqual([0, 0]);
      await set({ object: post, active: true });
      await set({ object: other, active: false });
      expect(await both()).toEqual([0, 0]);
    });

    it('are corrected while workers change them', async () => {
      const counts = documents.collection<CountDoc>('counts');
      const sets = [
        { kind: 'likes', collection: 'likes', field: 'object', where: { active: true } },
      ] as const;
      const people = Array.from({ length: 60 }, newId);
      await createApply(likesOnly, { documents })(people.slice(0, 20).flatMap((p, i) => like(p, i + 1)));
      const wrong = (await counts.getMany([countId('likes', post)])).get(countId('likes', post));
      if (!wrong) throw new Error('there is no count');
      await counts.putMany([
        { id: wrong.id, revision: wrong.revision, doc: { n: 7 } },
        { id: countId('likes', other), revision: 0, doc: { n: 3 } },
      ]);
      const apply = createApply(likesOnly, { documents });
      await Promise.all([
        documents.beside(0, 'reactions').countAll(sets),
        documents.beside(0, 'reactions').countAll(sets),
        (async () => {
          for (const [i, person] of people.slice(20).entries()) await apply(like(person, i + 21));
        })(),
      ]);
      expect(await countOf(documents)).toEqual({ n: 60 });
      expect(await countOf(documents, other)).toEqual({ n: 0 });
      await documents.beside(0, 'reactions').countAll(sets);
      expect(await countOf(documents)).toEqual({ n: 60 });
    });
  });
});

it('two recounts that meet a write correct a count once, and keep the write', async () => {
  await using stack = new AsyncDisposableStack();
  const own = stack.use(await freshDatabase());
  const documents = stack.adopt(await openDocuments(own.url, { log }), (opened) => opened.close());
  await documents.prepare();
  await createApply(likesOnly, { documents })(like(ann, 1));
  const id = countId('likes', post);
  const counts = documents.collection<CountDoc>('counts');
  await counts.putMany([{ id, revision: 1, doc: { n: 5 } }]);

  const [writer, watcher] = [0, 1].map(() => new pg.Client({ connectionString: own.url })) as [
    pg.Client,
    pg.Client,
  ];
  for (const client of [writer, watcher]) {
    await client.connect();
    stack.defer(() => client.end());
  }
  await writer.query('begin');
  await writer.query(`insert into documents.likes select 'other', 1, doc from documents.likes`);
  await writer.query(
    `update documents.counts set revision = revision + 1, doc = jsonb_build_object('n', 6) where id = '${id}'`,
  );
  const set = { kind: 'likes', collection: 'likes', field: 'object', where: { active: true } } as const;
  const recounts = [1, 2].map(() => documents.beside(0, 'reactions').countAll([set]));
  await eventually(async () => {
    const { rows } = await watcher.query<{ n: number }>(
      `select count(*)::int as n from pg_stat_activity
       where datname = current_database() and wait_event_type = 'Lock'`,
    );
    return rows[0]?.n === 2;
  });
  await writer.query('commit');
  await Promise.all(recounts);
  expect(await countOf(documents)).toEqual({ n: 2 });
});

describe.skipIf(mongoUrl === undefined)('a worker on MongoDB that stops in the middle of a write', () => {
  const id = `${ann}:${post}`;
  const token = 'token.0';
  const pending = { token, entered: [countId('likes', post)], left: [], named: [] };

  /** Documents and counts as a worker leaves them that stops after so many of its three writes. */
  const stopped = async (writes: 1 | 2) => {
    await using stack = new AsyncDisposableStack();
    const documents = stack.adopt(await openDocuments(mongoUrl ?? '', { log }), (opened) => opened.close());
    const client = stack.adopt(new MongoClient(mongoUrl ?? ''), (opened) => opened.close());
    for (const name of ['likes', 'counts']) await documents.collection(name).clear();
    await createApply(reactions, { documents })([...like(ann, 1), ...like(ben, 2)]);
    await client
      .db()
      .collection<{ _id: string }>('likes')
      .updateOne({ _id: id }, { $set: { _pending: pending } });
    const applied = [{ document: id, token }];
    await client
      .db()
      .collection<{ _id: string }>('counts')
      .updateOne(
        { _id: countId('likes', post) },
        { $set: writes === 1 ? { n: 1, _applied: [] } : { n: 2, _applied: applied } },
      );
    const resources = stack.move();
    return { documents, [Symbol.asyncDispose]: () => resources.disposeAsync() };
  };

  it.each([1, 2] as const)('after %i writes: redelivery applies the rest', async (writes) => {
    await using world = await stopped(writes);
    await createApply(reactions, { documents: world.documents })(like(ann, 1));
    expect(await countOf(world.documents)).toEqual({ n: 2 });
    const likes = await world.documents.collection('likes').getMany([id]);
    expect(likes.get(id)).not.toHaveProperty('hasPendingCounts');
  });

  it.each([1, 2] as const)('after %i writes: a later event applies the rest first', async (writes) => {
    await using world = await stopped(writes);
    await createApply(reactions, { documents: world.documents })(like(ann, 3, 'rookery.post.unliked'));
    expect(await countOf(world.documents)).toEqual({ n: 1 });
  });

  it.each([1, 2] as const)('after %i writes: a recount leaves the rest to be applied', async (writes) => {
    await using world = await stopped(writes);
    const set = { kind: 'likes', collection: 'likes', field: 'object', where: { active: true } } as const;
    await world.documents.beside(0, 'reactions').countAll([set]);
    expect(await countOf(world.documents)).toEqual({ n: writes });
    await createApply(reactions, { documents: world.documents })(like(ann, 1));
    expect(await countOf(world.documents)).toEqual({ n: 2 });
  });

  it.each([1, 2] as const)('after %i writes: no other write replaces the document', async (writes) => {
    await using world = await stopped(writes);
    const likes = world.documents.collection<object>('likes');
    const stored = (await likes.getMany([id])).get(id);
    if (!stored) throw new Error('the like is missing');
    expect(stored.hasPendingCounts).toBe(true);
    expect(stored.doc).not.toHaveProperty('_pending');
    expect(await likes.putMany([{ ...stored, doc: {} }])).toEqual([id]);
    expect(await likes.removeMany([stored])).toEqual([id]);
  });
});

it.skipIf(mongoUrl === undefined)(
  'a read of a hot count does not load the notes of its last writes',
  async () => {
    const url = freshMongoUrl() ?? '';
    await using tap = await tapMongo(url);
    await using opened = new AsyncDisposableStack();
    const documents = opened.adopt(await openDocuments(tap.url, { log }), (one) => one.close());
    const raw = opened.adopt(await new MongoClient(url).connect(), (one) => one.close());
    const writes = 200;
    const id = countId('likes', post);
    const lost = await documents.collection('likes').putMany(
      Array.from({ length: writes }, () => ({
        id: newId(),
        revision: 0,
        doc: { active: true },
        counts: [{ id, by: 1 as const }],
      })),
    );
    expect(lost).toEqual([]);
    const [stored] = await raw.db().collection('counts').find().toArray();
    expect(stored?._applied).toHaveLength(writes);

    const counts = documents.collection<CountDoc>('counts');
    const scanAll = async () => {
      for await (const found of counts.scan(10)) return found[0]?.doc;
    };
    for (const read of [() => countOf(documents), scanAll]) {
      const before = tap.bytesSent;
      expect(await read()).toEqual({ n: writes });
      expect(tap.bytesSent - before).toBeLessThan(1_000);
    }
  },
);
