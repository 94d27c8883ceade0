import { type Documents, openDocuments, StatementTimeoutError } from '@rookery/document-store';
import {
  consume,
  createApply,
  createDeadLetters,
  createProjectorMetrics,
  followProgress,
  probeStore,
} from '@rookery/projector';
import { type CountDoc, countId } from '@rookery/read-models';
import { projections } from '@rookery/read-models/reducers';
import { createLog, Registry } from '@rookery/runtime';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { posts, record, users } from '../support/events/recorded-events.ts';
import { eventually } from '../support/eventually.ts';
import { freshDatabase, lockTable } from '../support/index.ts';
import { ops } from '../support/ops.ts';
import { type ProjectorWorld, projectorWorld } from '../support/systems/projector-world.ts';

const log = createLog('test', 'silent');
const [post, other] = posts as [string, string];
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

/** Consumes reactions as a projector does. */
const startReactions = async (world: ProjectorWorld, documents: Documents) => {
  const metrics = createProjectorMetrics(new Registry());
  await using undo = new AsyncDisposableStack();
  const about = { projection: 'reactions', eventStore: world.eventStore, log, metrics };
  const progress = undo.use(
    followProgress({ ...about, ...world, catchUpFrom: 10_000, documents, log, reapply: async () => {} }),
  );
  undo.use(
    consume({
      ...about,
      batches: await world.queue.recorded('reactions', 50),
      apply: createApply(reactions, { documents }),
      documents,
      probe: () => probeStore(documents, reactions),
      deadLetters: createDeadLetters(about),
      progress,
    }),
  );
  const resources = undo.move();
  return {
    /** Tries that failed because of the store, as the projector counts them. */
    storeFailures: async () =>
      (await metrics.failures.get()).values.find(({ labels }) => labels.reason === 'store')?.value ?? 0,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
};

/** Locks a count in a session of its own. */
const lockCount = async ({ env }: Pick<ProjectorWorld, 'env'>, id: string) => {
  const locker = new pg.Client({ connectionString: env.DOCUMENTS_URL });
  await locker.connect();
  await locker.query('begin');
  await locker.query('select 1 from documents.counts where id = $1 for update', [id]);
  return {
    release: async () => void (await locker.query('commit')),
    [Symbol.asyncDispose]: () => locker.end(),
  };
};

const likeCount = async (documents: Documents, post: string): Promise<number | undefined> => {
  const id = countId('likes', post);
  return (await documents.collection<CountDoc>('counts').getMany([id])).get(id)?.doc.n;
};

describe('a statement about one event that takes too long', () => {
  it('holds up no other event, is tried a bounded number of times, and becomes a dead letter that is redriven', async () => {
    await using world = await projectorWorld();
    await using _consumer = await startReactions(world, world.documents);
    const [ann, ben] = users as [string, string];
    await world.record(likesOf(post, 1, [ann]));
    await world.caughtUp(['reactions']);
    await using locker = await lockCount(world, countId('likes', post));
    await world.record([...likesOf(post, 2, [ben]), ...likesOf(other, 3, [ann])]);
    await eventually(async () => (await likeCount(world.documents, other)) === 1);
    await world.caughtUp(['reactions']);
    expect(await world.eventStore.deadLetters(10)).toMatchObject([
      { by: 'reactions', position: 2, tries: 3, error: expect.stringContaining('StatementTimeoutError') },
    ]);
    expect(await likeCount(world.documents, post)).toBe(1);
    await locker.release();

    const redriven = await ops(world.env, 'dead-letters', 'redrive', '--all');
    expect(redriven).toMatchObject({ code: 0, json: { done: 1, failed: 0 } });
    expect(await likeCount(world.documents, post)).toBe(2);
    expect(await world.eventStore.deadLetters(10)).toEqual([]);
  });
});

describe('a table that is locked for longer than a statement may take', () => {
  it('is waited for: no event is to blame, and there is no dead letter', async () => {
    await using world = await projectorWorld();
    await using consumer = await startReactions(world, world.documents);
    await using locker = await lockTable(world.env.DOCUMENTS_URL ?? '', 'documents.counts');
    const documents = world.documents.collection('counts');
    await expect(documents.getMany(['a'])).rejects.toThrow(StatementTimeoutError);
    await world.record(likesOf(post, 1, users.slice(0, 1)));
    // More often than an event is tried that is to blame.
    await eventually(async () => (await consumer.storeFailures()) > 3, { within: 60_000 });
    expect(await world.eventStore.deadLetters(10)).toEqual([]);
    await locker.release();
    await world.caughtUp(['reactions']);
    expect(await likeCount(world.documents, post)).toBe(1);
    expect(await world.eventStore.deadLetters(10)).toEqual([]);
  });
});

it('the pointer to the live generation is never guessed while its table is slow', async () => {
  await using database = await freshDatabase();
  await using stack = new AsyncDisposableStack();
  const documents = stack.adopt(await openDocuments(database.url, { log }), (d) => d.close());
  await documents.prepare();
  stack.use(await lockTable(database.url, 'documents.generations'));
  await expect(documents.generations(true)).rejects.toThrow(StatementTimeoutError);
});
