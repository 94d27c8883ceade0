import {
  type Collection,
  type Documents,
  openDocuments,
  StatementTimeoutError,
} from '@rookery/document-store';
import {
  consume,
  createApply,
  createDeadLetters,
  createProjectorMetrics,
  createSlowCounts,
  followProgress,
  probeStore,
} from '@rookery/projector';
import { type CountDoc, countId } from '@rookery/read-models';
import { projections } from '@rookery/read-models/reducers';
import { createLog, Registry } from '@rookery/runtime';
import { describe, expect, it } from 'vitest';
import { posts, record, users } from '../support/events/recorded-events.ts';
import { eventually } from '../support/eventually.ts';
import { freshDatabase, lockTable } from '../support/index.ts';
import { ops } from '../support/ops.ts';
import { type ProjectorWorld, projectorWorld } from '../support/systems/projector-world.ts';

const log = createLog('test', 'silent');
const [hot, ordinary] = posts as [string, string];
const reactions = projections.find(({ name }) => name === 'reactions') ?? expect.fail('no reactions');
const likesOf = (post: string, position: number, actors: readonly string[]) =>
  record(
    actors.map((actor) => ({
      name: 'rookery.post.liked' as const,
      actor,
      subject: post,
      at: 0,
      data: {},
    })),
    position,
  );

/** Behavior of the count of the hot post: like any other, or like that of a post with millions of likes. */
interface HotPost {
  isSlow: boolean;
  /** Statements that counted it. */
  counts: number;
}

/** The real documents, in which counting the hot post is a statement that the real server gives up at its limit. */
const withHotPost = (documents: Documents, state: HotPost, slow: Documents): Documents => ({
  ...documents,
  at: (choose) => withHotPost(documents.at(choose), state, slow),
  collection<T>(name: string): Collection<T> {
    const real = documents.collection<T>(name);
    return {
      ...real,
      async countBy(field, values, where, options) {
        if (values.includes(hot)) {
          state.counts += 1;
          if (state.isSlow) return slow.collection<T>(name).countBy(field, values, where, options);
        }
        return real.countBy(field, values, where, options);
      },
    };
  },
});

/** Documents whose likes another session holds, so that no statement about them ends. */
const openLockedDocuments = async () => {
  await using undo = new AsyncDisposableStack();
  const database = undo.use(await freshDatabase());
  const documents = undo.adopt(openDocuments(database.url, { log }), (opened) => opened.close());
  await documents.prepare();
  undo.use(await lockTable(database.url, 'documents.likes'));
  const resources = undo.move();
  return { documents, [Symbol.asyncDispose]: () => resources.disposeAsync() };
};

/** Consumes reactions as a projector does. */
const startReactions = async (world: ProjectorWorld, documents: Documents) => {
  const metrics = createProjectorMetrics(new Registry());
  await using undo = new AsyncDisposableStack();
  const about = { projection: 'reactions', eventStore: world.eventStore, log, metrics };
  const progress = undo.use(followProgress({ ...about, ...world, documents, log, reapply: async () => {} }));
  const consumer = undo.use(
    consume({
      ...about,
      batches: await world.queue.recorded('reactions', 50),
      apply: createApply(reactions, {
        documents,
        counts: { slow: createSlowCounts({ timeoutMs: 300, firstRestMs: 200 }) },
      }),
      documents,
      probe: () => probeStore(documents, reactions),
      deadLetters: createDeadLetters(about),
      progress,
    }),
  );
  const resources = undo.move();
  return {
    check: () => consumer.check(),
    /** Tries that failed because of the store, as the projector counts them. */
    storeFailures: async () =>
      (await metrics.failures.get()).values.find(({ labels }) => labels.reason === 'store')?.value ?? 0,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
};

const likeCount = async (documents: Documents, post: string): Promise<number | undefined> => {
  const id = countId('likes', post);
  return (await documents.collection<CountDoc>('counts').getMany([id])).get(id)?.doc.n;
};

describe('a count that takes too long', () => {
  it('holds up no other like, is tried a bounded number of times, and becomes a dead letter that is listed and redriven', async () => {
    await using world = await projectorWorld();
    const state: HotPost = { isSlow: true, counts: 0 };
    await using locked = await openLockedDocuments();
    const documents = withHotPost(world.documents, state, locked.documents);
    await using consumer = await startReactions(world, documents);
    const [ann, ben, cleo, dan] = users as [string, string, string, string];
    await world.record([
      ...likesOf(hot, 1, [ann]),
      ...likesOf(ordinary, 2, [ann, ben]),
      ...likesOf(hot, 4, [ben]),
      ...likesOf(ordinary, 5, [cleo]),
    ]);
    // Before the hot post has had its last try, let alone been counted.
    await eventually(async () => (await likeCount(world.documents, ordinary)) === 3);
    expect(await world.eventStore.deadLetters(10)).toEqual([]);
    await world.record(likesOf(ordinary, 6, [dan]));
    await eventually(async () => (await likeCount(world.documents, ordinary)) === 4);
    expect(await world.eventStore.deadLetters(10)).toEqual([]);

    await world.caughtUp(['reactions']);
    // Both are tried side by side, so either may be the first dead letter.
    const deadLetters = await world.eventStore.deadLetters(10);
    expect(deadLetters.toSorted((a, b) => Number(a.position) - Number(b.position))).toMatchObject(
      [1, 4].map((position) => ({
        by: 'reactions',
        position,
        tries: 3,
        error: expect.stringContaining('StatementTimeoutError'),
      })),
    );
    expect(await likeCount(world.documents, hot)).toBeUndefined();
    // Once with the others, once alone, and then beside them: however many likes wait for the same count.
    expect(state.counts).toBeLessThanOrEqual(6);
    await consumer.check();

    const listed = await ops(world.env, 'dead-letters', 'list');
    expect(listed.json.deadLetters).toHaveLength(2);
    const redriven = await ops(world.env, 'dead-letters', 'redrive', '--all');
    expect(redriven).toMatchObject({ code: 0, json: { done: 2, failed: 0 } });
    expect(await likeCount(world.documents, hot)).toBe(2);
    expect(await world.eventStore.deadLetters(10)).toEqual([]);
  });

  it('is written late and exactly once it is done, for all likes that came meanwhile', async () => {
    await using world = await projectorWorld();
    const state: HotPost = { isSlow: true, counts: 0 };
    await using locked = await openLockedDocuments();
    const documents = withHotPost(world.documents, state, locked.documents);
    await using _consumer = await startReactions(world, documents);
    await world.record(likesOf(hot, 1, users.slice(0, 1)));
    await eventually(async () => state.counts >= 1);
    state.isSlow = false;
    await world.record(likesOf(hot, 2, users.slice(1)));
    await world.caughtUp(['reactions']);
    expect(await likeCount(world.documents, hot)).toBe(users.length);
    expect(await world.eventStore.deadLetters(10)).toEqual([]);
  });
});

describe('a table that is locked for longer than a statement may take', () => {
  it('is waited for: no event is to blame, and there is no dead letter', async () => {
    await using world = await projectorWorld();
    await using consumer = await startReactions(world, world.documents);
    await using locked = await lockTable(world.env.DOCUMENTS_URL ?? '', 'documents.likes');
    const documents = world.documents.collection('likes');
    await expect(documents.getMany(['a'])).rejects.toThrow(StatementTimeoutError);
    await world.record(likesOf(ordinary, 1, users.slice(0, 1)));
    // More often than an event is tried that is to blame.
    await eventually(async () => (await consumer.storeFailures()) > 3, { within: 60_000 });
    expect(await world.eventStore.deadLetters(10)).toEqual([]);
    await locked.release();
    await world.caughtUp(['reactions']);
    expect(await likeCount(world.documents, ordinary)).toBe(1);
    expect(await world.eventStore.deadLetters(10)).toEqual([]);
  });
});

it('the pointer to the live generation is never guessed while its table is slow', async () => {
  await using database = await freshDatabase();
  await using stack = new AsyncDisposableStack();
  const documents = stack.adopt(openDocuments(database.url, { log }), (d) => d.close());
  await documents.prepare();
  stack.use(await lockTable(database.url, 'documents.generations'));
  await expect(documents.generations(true)).rejects.toThrow(StatementTimeoutError);
});
