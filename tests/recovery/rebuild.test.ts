import { setTimeout } from 'node:timers/promises';
import type { Collection, Documents } from '@rookery/document-store';
import {
  abandon,
  RebuildConflictError,
  type RebuildOptions,
  type RebuildProgress,
  rebuild,
  rollBack,
  verify,
} from '@rookery/projector';
import type { GenerationsDoc, RebuildDoc } from '@rookery/read-models';
import { projectionNames } from '@rookery/read-models/reducers';
import { describe, expect, it } from 'vitest';
import { createHistory, type History } from '../support/events/history.ts';
import { eventually } from '../support/eventually.ts';
import { freshMongoUrl, useServers } from '../support/index.ts';
import { fillFeed } from '../support/systems/observe.ts';
import { type ProjectorWorld, projectorWorld } from '../support/systems/projector-world.ts';

/** Maximum wait for projections, on a machine that is busy with other things. */
const patienceMs = 300_000;

const verified = ({ documents, eventStore, feeds }: ProjectorWorld, signal: AbortSignal, repair = false) =>
  verify({
    ...{ documents, eventStore, feeds, cap: 800, projections: projectionNames, signal, repair },
    timeoutMs: patienceMs,
  });

const fillFeeds = async ({ documents, feeds }: ProjectorWorld, history: History) => {
  for (const user of history.users.slice(0, 20)) await fillFeed(documents, feeds, user, 800);
};

/** As world.caughtUp, with the patience that a busy machine needs. */
const caughtUp = async (world: ProjectorWorld): Promise<void> => {
  const head = await eventually(() => world.eventStore.head(), { what: 'the head of the event store' });
  const all = async () => {
    const now = await world.progress();
    return projectionNames.every((name) => (now.get(name)?.position ?? 0) >= head);
  };
  await eventually(all, { within: patienceMs, what: `progress to ${head}` });
};

/** So many at a time that a busy machine takes them before anybody gives up. */
const record = async (world: ProjectorWorld, history: History, events: number): Promise<void> => {
  for (let left = events; left > 0; left -= 250) await world.record(history.next(Math.min(250, left)));
};

/** A projector, and a history that it has projected to its end. */
const fill = async (world: ProjectorWorld, events: number): Promise<History> => {
  const history = createHistory();
  await world.start();
  await record(world, history, events);
  await caughtUp(world);
  return history;
};

interface Load {
  /** Events recorded at a time. */
  readonly each: number;
  /** Milliseconds in between. */
  readonly pause: number;
  /** The most that projections may be behind before more is recorded. */
  readonly behind: number;
}
const busy: Load = { each: 20, pause: 40, behind: 100 };

/** Events that keep coming, until the answer is called or the test is over; no quicker than they are projected. */
const keepWriting = (
  world: ProjectorWorld,
  history: History,
  signal: AbortSignal,
  { each, pause, behind }: Load = busy,
): (() => Promise<void>) => {
  const ended = new AbortController();
  const stopping = AbortSignal.any([signal, ended.signal]);
  const near = async (): Promise<boolean> => {
    const [head, now] = [await world.eventStore.head(), await world.progress()];
    return (
      stopping.aborted || projectionNames.every((name) => (now.get(name)?.position ?? 0) >= head - behind)
    );
  };
  const writing = (async () => {
    while (!stopping.aborted) {
      await world.record(history.next(each));
      await setTimeout(pause, undefined, { signal: stopping }).catch(() => {});
      await eventually(near, { within: patienceMs, what: 'projectors that keep up' });
    }
  })();
  writing.catch(() => {});
  return async () => {
    ended.abort();
    await writing;
    await caughtUp(world);
  };
};

const engines = [
  { engine: 'postgres', url: () => undefined, events: 1_000, load: busy },
  // FerretDB reads a whole collection for each document that it writes, so time grows with the square of their number.
  { engine: 'mongodb', url: freshMongoUrl, events: 100, load: { each: 5, pause: 1_000, behind: 5 } },
];

describe('a rebuild', () => {
  it.for(engines)(
    'goes live under load, equal to the events, and can be rolled back: $engine',
    // On a machine that others use as well, the server for MongoDB takes most of ten minutes.
    { timeout: 1_200_000 },
    async ({ engine, url, events, load }, { signal, skip }) => {
      skip(engine === 'mongodb' && useServers().mongoUrl === undefined, 'no server for MongoDB here');
      const documentsUrl = url();
      await using world = await projectorWorld(documentsUrl === undefined ? {} : { documentsUrl });
      const { documents, eventStore } = world;
      await world.start();
      const history = await fill(world, events);
      await fillFeeds(world, history);
      expect(await verified(world, signal)).toMatchObject({ differences: [], unsettled: [], feeds: 20 });

      const stop = keepWriting(world, history, signal, load);
      const rebuilt = await rebuild({ documents, eventStore, projections: projectionNames, signal });
      expect(rebuilt).toMatchObject({ resumed: false, failed: [] });
      const now = await documents.generations(true);
      for (const name of projectionNames) {
        expect(now.of(name)).toMatchObject({
          live: rebuilt.generation,
          also: null,
          previous: { generation: 0 },
        });
      }
      // Documents that change all the time are reported as unsettled.
      expect(await verified(world, signal)).toMatchObject({ differences: [] });
      await rollBack({ documents, eventStore, projection: 'feeds', signal });
      await stop();
      expect((await documents.generations(true)).of('feeds').live).toBe(0);
      await fillFeeds(world, history);
      expect(await verified(world, signal)).toMatchObject({ differences: [], unsettled: [], feeds: 20 });
    },
  );

  it('that is stopped in any phase is resumed by exactly one process', async ({ signal }) => {
    await using world = await projectorWorld();
    const { documents, eventStore } = world;
    const history = await fill(world, 2_500);
    const stop = keepWriting(world, history, signal);
    const projections = ['posts', 'reactions'];
    for (const phase of ['load', 'catch-up', 'join'] as const) {
      const killed = new AbortController();
      // From this phase on the first one goes no further until another one has been refused; then it is stopped.
      let refused: Promise<unknown> | undefined;
      const held: RebuildOptions['eventStore'] = {
        async head() {
          await refused;
          return eventStore.head();
        },
        async read(after, limit) {
          await refused;
          return eventStore.read(after, limit);
        },
        deadLetters: (limit) => eventStore.deadLetters(limit),
        resolvedDeadLetters: (limit) => eventStore.resolvedDeadLetters(limit),
        addDeadLetter: (event) => eventStore.addDeadLetter(event),
      };
      const other = Promise.withResolvers<unknown>();
      other.promise.catch(() => {});
      const stopped = rebuild({
        documents,
        eventStore: held,
        projections,
        signal: killed.signal,
        onProgress(progress) {
          if (progress.phase !== phase || refused) return;
          refused = rebuild({ documents, eventStore, projections, signal })
            .then(other.resolve, other.reject)
            .finally(() => killed.abort(new Error('killed')));
        },
      });
      await expect(stopped).rejects.toThrow('killed');
      await expect(other.promise).rejects.toThrow(RebuildConflictError);
      const another = rebuild({ documents, eventStore, projections: ['profiles', 'feeds'], signal });
      await expect(another).rejects.toThrow(RebuildConflictError);
    }
    const rebuilt = await rebuild({ documents, eventStore, projections, signal });
    expect(rebuilt.resumed).toBe(true);
    expect(rebuilt.events).toBeLessThan(await eventStore.head());
    await stop();
    expect(await verified(world, signal)).toMatchObject({ differences: [], unsettled: [] });
  }, 600_000);

  it('that is stopped after its last swap leaves what can be gone back to', async ({ signal }) => {
    await using world = await projectorWorld();
    const { documents, eventStore } = world;
    await fill(world, 500);
    const projections = ['posts'];
    const first = await rebuild({ documents, eventStore, projections, signal });

    const killed = new AbortController();
    const whenSwapped: Documents = {
      ...documents,
      collection: <T>(name: string): Collection<T> => {
        const collection = documents.collection<T>(name);
        if (name !== 'generations') return collection;
        return {
          ...collection,
          async putMany(writes) {
            const lost = await collection.putMany(writes);
            const now = (await documents.generations(true)).of('posts');
            if (now.previous?.generation === first.generation) killed.abort(new Error('killed'));
            return lost;
          },
        };
      },
    };
    const second = { eventStore, projections };
    await expect(rebuild({ ...second, documents: whenSwapped, signal: killed.signal })).rejects.toThrow(
      'killed',
    );
    expect(await rebuild({ ...second, documents, signal })).toMatchObject({ resumed: true });
    // The former roll-back generation is removed, and the new one is not.
    for await (const found of documents
      .at(() => 0)
      .collection('posts')
      .scan(10))
      expect(found).toEqual([]);
    await rollBack({ documents, eventStore, projection: 'posts', signal });
    expect((await documents.generations(true)).of('posts').live).toBe(first.generation);
    expect(await verified(world, signal)).toMatchObject({ differences: [], unsettled: [] });
  }, 600_000);

  it('that is unfinished is neither ended by a roll-back, nor ends one', async ({ signal }) => {
    await using world = await projectorWorld();
    const { documents, eventStore } = world;
    await fill(world, 500);
    const [projection, projections] = ['posts', ['posts']];
    const { generation } = await rebuild({ documents, eventStore, projections, signal });
    const pointer = async () => (await documents.generations(true)).of(projection);
    /** Stops a job when it begins a phase. */
    const stoppedAt = async (
      phase: string,
      job: (options: Omit<RebuildOptions, 'projections'>) => Promise<unknown>,
    ) => {
      const killed = new AbortController();
      const onProgress = (progress: RebuildProgress): void => {
        if (progress.phase === phase) killed.abort(new Error('killed'));
      };
      await expect(job({ documents, eventStore, signal: killed.signal, onProgress })).rejects.toThrow(
        'killed',
      );
    };

    await stoppedAt('load', (options) => rebuild({ ...options, projections }));
    const back = { documents, eventStore, projection, signal };
    await expect(rollBack(back)).rejects.toThrow('a rebuild of posts was begun');
    expect(await pointer()).toMatchObject({ live: generation, previous: { generation: 0 } });
    await abandon({ documents, signal });

    await stoppedAt('catch-up', (options) => rollBack({ ...options, projection }));
    const again = rebuild({ documents, eventStore, projections, signal });
    await expect(again).rejects.toThrow('a roll-back of posts was begun');
    expect(await rollBack(back)).toMatchObject({ generation: 0, resumed: true });
    expect(await pointer()).toMatchObject({ live: 0, previous: { generation } });
    expect(await verified(world, signal)).toMatchObject({ differences: [], unsettled: [] });
  }, 600_000);

  it('that was killed is taken up as soon as no sign of life comes', async ({ signal }) => {
    await using world = await projectorWorld();
    const { documents, eventStore } = world;
    await fill(world, 500);
    const projections = ['posts'];
    // Remains of a killed process: no end, and a recent heartbeat.
    await rebuild({ documents, eventStore, projections, signal });
    const rebuilds = documents.collection<RebuildDoc>('rebuilds');
    const left = (await rebuilds.getMany(['current'])).get('current');
    if (!left) throw new Error('no rebuild was written down');
    const { doc, revision } = left;
    const [generation, at] = [doc.generation + 1, new Date().toISOString()];
    const generations = documents.collection<GenerationsDoc>('generations');
    const pointer = (await generations.getMany(['current'])).get('current');
    if (!pointer) throw new Error('nothing was swapped');
    await generations.putMany([{ ...pointer, doc: { ...pointer.doc, last: generation } }]);
    const killed = { ...doc, generation, phase: 'load', upTo: 0, ranges: [], holder: 'gone', at } as const;
    await rebuilds.putMany([{ id: 'current', revision, doc: killed }]);
    const phases = new Set<string>();
    const onProgress = ({ phase }: RebuildProgress) => phases.add(phase);
    const taken = await rebuild({ documents, eventStore, projections, signal, onProgress });
    expect(taken).toMatchObject({ resumed: true, generation, failed: [] });
    expect([...phases][0]).toBe('wait');
    expect(await verified(world, signal)).toMatchObject({ differences: [] });
  }, 600_000);

  it('that is dropped leaves everything as it was', async ({ signal }) => {
    await using world = await projectorWorld();
    const { documents, eventStore } = world;
    await fill(world, 2_500);
    const killed = new AbortController();
    await expect(
      rebuild({
        documents,
        eventStore,
        projections: ['posts'],
        signal: killed.signal,
        onProgress: ({ position }) => position > 0 && killed.abort(new Error('killed')),
      }),
    ).rejects.toThrow('killed');
    expect(await abandon({ documents, signal })).toMatchObject({ projections: ['posts'] });
    expect((await documents.generations(true)).of('posts')).toMatchObject({ live: 0, also: null });
    expect(await verified(world, signal)).toMatchObject({ differences: [] });
    expect(await rebuild({ documents, eventStore, projections: ['posts'], signal })).toMatchObject({
      resumed: false,
    });
  }, 600_000);
});

describe('verify and repair', () => {
  it('name an edited, a deleted and an added row, document, count or feed, under load, and mend just those', async ({
    signal,
  }) => {
    await using world = await projectorWorld();
    const { documents, feeds } = world;
    const history = await fill(world, 1_000);
    await fillFeeds(world, history);
    const [someone = '', another = ''] = history.users;
    // A post that nothing happens to any more: the load goes on about others.
    const stop = keepWriting(world, createHistory({ seed: 2 }), signal);

    const users = documents.collection<Record<string, unknown>>('users');
    const edited = (await users.getMany([someone])).get(someone);
    if (!edited) throw new Error('no such user');
    await users.putMany([{ ...edited, doc: { ...edited.doc, name: 'Somebody else' } }]);
    const follows = documents.collection('follows');
    const [deleted] = (await follows.scan(1)[Symbol.asyncIterator]().next()).value ?? [];
    await follows.removeMany(deleted ? [deleted] : []);
    await documents.collection('likes').insertMany([
      {
        id: `${someone}:${history.posts[0]}`.replace(/^./, '0'),
        doc: {
          actor: someone,
          object: history.posts[0],
          active: true,
          version: ['2026', 'x'],
          position: 1,
          since: null,
        },
      },
    ]);
    const counts = documents.collection<{ n: number }>('counts');
    const count = (await counts.getMany([`followers:${another}`])).get(`followers:${another}`);
    await counts.putMany([
      { id: `followers:${another}`, revision: count?.revision ?? 0, doc: { n: 1_000_000 } },
    ]);
    const { epoch } = (await world.progress()).get('feeds') ?? { epoch: 0 };
    const key = epoch === 0 ? someone : `${someone}.${epoch}`;
    await feeds.add([key], { itemId: '00000000-0000-4000-8000-000000000000', position: 999.5 });

    const wanted = [
      ['profiles', 'users', 'edited'],
      ['feeds', 'follows', 'deleted'],
      ['reactions', 'likes', 'added'],
      ['feeds', 'counts', 'edited'],
      ['feeds', 'redis', 'edited'],
    ];
    const found = await verified(world, signal);
    const brief = (differences: typeof found.differences) =>
      differences.map(({ projection, where, kind }) => [projection, where, kind]);
    expect(brief(found.differences)).toEqual(expect.arrayContaining(wanted));
    expect(found.differences.length).toBe(wanted.length);
    const mended = await verified(world, signal, true);
    expect(mended.repaired).toBe(wanted.length);
    expect(await verified(world, signal)).toMatchObject({ differences: [] });
    await stop();
    expect(await verified(world, signal)).toMatchObject({ differences: [], unsettled: [] });
  }, 600_000);
});
