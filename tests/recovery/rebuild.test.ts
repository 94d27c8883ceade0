import { setTimeout } from 'node:timers/promises';
import {
  abandon,
  RebuildInTheWay,
  type RebuildOptions,
  type RebuildProgress,
  rebuild,
  rollBack,
  verify,
} from '@rookery/projector';
import { projectionNames } from '@rookery/projector/projections';
import type { GenerationsDoc, RebuildDoc } from '@rookery/stores/documents';
import { describe, expect, it } from 'vitest';
import { fillFeed } from '../projector/observe.ts';
import { type ProjectorWorld, projectorWorld } from '../projector/projector-world.ts';
import { eventually } from '../stores/eventually.ts';
import { freshMongoUrl, useServers } from '../world/index.ts';
import { createHistory, type History } from './history.ts';

const { signal } = new AbortController();

const verified = ({ documents, eventStore, feeds }: ProjectorWorld, repair = false) =>
  verify({ documents, eventStore, feeds, cap: 800, projections: projectionNames, signal, repair });

const fillFeeds = async ({ documents, feeds }: ProjectorWorld, history: History) => {
  for (const user of history.users.slice(0, 20)) await fillFeed(documents, feeds, user, 800);
};

/** As world.caughtUp, with the patience that a busy machine needs. */
const caughtUp = async (world: ProjectorWorld): Promise<void> => {
  const head = await world.eventStore.head();
  const all = async () => {
    const now = await world.progress();
    return projectionNames.every((name) => (now.get(name)?.position ?? 0) >= head);
  };
  await eventually(all, { within: 300_000, what: `progress to ${head}` });
};

/** So many at a time that a busy machine takes them before anybody gives up. */
const record = async (world: ProjectorWorld, history: History, events: number): Promise<void> => {
  for (let left = events; left > 0; left -= 250) await world.record(history.next(Math.min(250, left)));
};

/** Events that keep coming, until the answer is called; no quicker than this machine can project them. */
const keepWriting = (world: ProjectorWorld, history: History): (() => Promise<void>) => {
  let stopped = false;
  const near = async (): Promise<boolean> => {
    const [head, now] = [await world.eventStore.head(), await world.progress()];
    return stopped || projectionNames.every((name) => (now.get(name)?.position ?? 0) >= head - 100);
  };
  const writing = (async () => {
    while (!stopped) {
      await world.record(history.next(20));
      await setTimeout(40);
      await eventually(near, { within: 300_000, what: 'projectors that keep up' });
    }
  })();
  writing.catch(() => {});
  return async () => {
    stopped = true;
    await writing;
    await caughtUp(world);
  };
};

const engines = [
  { engine: 'postgres', url: () => undefined, events: 1_000 },
  { engine: 'mongodb', url: freshMongoUrl, events: 250 },
];

describe('a rebuild', () => {
  it.each(engines)(
    'goes live under load, equal to the events, and can be rolled back: $engine',
    async ({ engine, url, events }) => {
      if (engine === 'mongodb' && useServers().mongoUrl === undefined) return;
      const documentsUrl = url();
      await using world = await projectorWorld(documentsUrl === undefined ? {} : { documentsUrl });
      const { documents, eventStore } = world;
      await world.start();
      await world.start();
      const history = createHistory();
      await record(world, history, events);
      await caughtUp(world);
      await fillFeeds(world, history);
      expect(await verified(world)).toMatchObject({ differences: [], unsettled: [], feeds: 20 });

      const stop = keepWriting(world, history);
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
      // What changes all the time is named as unsettled.
      expect(await verified(world)).toMatchObject({ differences: [] });
      await rollBack({ documents, eventStore, projection: 'feeds', signal });
      await stop();
      expect((await documents.generations(true)).of('feeds').live).toBe(0);
      await fillFeeds(world, history);
      expect(await verified(world)).toMatchObject({ differences: [], unsettled: [], feeds: 20 });
    },
    600_000,
  );

  it('that is stopped at any phase is taken up where it was, by one process alone', async () => {
    await using world = await projectorWorld();
    const { documents, eventStore } = world;
    await world.start();
    const history = createHistory();
    await record(world, history, 2_500);
    await caughtUp(world);
    const stop = keepWriting(world, history);
    const projections = ['posts', 'reactions'];
    // Something new whenever the rebuild asks how far it has to go, so that there is always something left to do.
    const neverIdle: RebuildOptions['eventStore'] = {
      async head() {
        await world.record(history.next(1));
        return eventStore.head();
      },
      read: (after, limit) => eventStore.read(after, limit),
      parked: (limit) => eventStore.parked(limit),
      settled: (limit) => eventStore.settled(limit),
    };
    for (const phase of ['load', 'catch-up', 'join'] as const) {
      // More than joining would be begun with at once.
      await record(world, history, 100);
      const killed = new AbortController();
      let other: Promise<unknown> | undefined;
      const stopped = rebuild({
        documents,
        eventStore: neverIdle,
        projections,
        near: 20,
        signal: killed.signal,
        onProgress(progress) {
          if (progress.phase !== phase || other) return;
          // Before this one gives up: it is at it, and nobody else may.
          other = rebuild({ documents, eventStore, projections, signal });
          other.catch(() => killed.abort(new Error('killed')));
        },
      });
      await expect(stopped).rejects.toThrow('killed');
      await expect(other).rejects.toThrow(RebuildInTheWay);
      const another = rebuild({ documents, eventStore, projections: ['profiles', 'feeds'], signal });
      await expect(another).rejects.toThrow(RebuildInTheWay);
    }
    const rebuilt = await rebuild({ documents, eventStore, projections, signal });
    expect(rebuilt.resumed).toBe(true);
    expect(rebuilt.events).toBeLessThan(await eventStore.head());
    await stop();
    expect(await verified(world)).toMatchObject({ differences: [], unsettled: [] });
  }, 600_000);

  it('that was killed is taken up as soon as no sign of life comes', async () => {
    await using world = await projectorWorld();
    const { documents, eventStore } = world;
    await world.start();
    await record(world, createHistory(), 500);
    await caughtUp(world);
    const projections = ['posts'];
    // What a process leaves that is killed: no word of its end, and a sign of life of just now.
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
    expect(await verified(world)).toMatchObject({ differences: [] });
  }, 600_000);

  it('that is dropped leaves everything as it was', async () => {
    await using world = await projectorWorld();
    const { documents, eventStore } = world;
    await world.start();
    await record(world, createHistory(), 2_500);
    await caughtUp(world);
    const killed = new AbortController();
    await expect(
      rebuild({
        documents,
        eventStore,
        projections: ['posts'],
        signal: killed.signal,
        onProgress: () => killed.abort(new Error('killed')),
      }),
    ).rejects.toThrow('killed');
    expect(await abandon({ documents, signal })).toMatchObject({ projections: ['posts'] });
    expect((await documents.generations(true)).of('posts')).toMatchObject({ live: 0, also: null });
    expect(await verified(world)).toMatchObject({ differences: [] });
    expect(await rebuild({ documents, eventStore, projections: ['posts'], signal })).toMatchObject({
      resumed: false,
    });
  }, 600_000);
});

describe('verify and repair', () => {
  it('name an edited, a deleted and an added row, document, count or feed, under load, and mend just those', async () => {
    await using world = await projectorWorld();
    const { documents, feeds } = world;
    await world.start();
    const history = createHistory();
    await record(world, history, 1_000);
    await caughtUp(world);
    await fillFeeds(world, history);
    const [someone = '', another = ''] = history.users;
    // A post that nothing happens to any more: the load goes on about others.
    const stop = keepWriting(world, createHistory({ seed: 2 }));

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
    const found = await verified(world);
    const brief = (differences: typeof found.differences) =>
      differences.map(({ projection, where, kind }) => [projection, where, kind]);
    expect(brief(found.differences)).toEqual(expect.arrayContaining(wanted));
    expect(found.differences.length).toBe(wanted.length);
    const mended = await verified(world, true);
    expect(mended.repaired).toBe(wanted.length);
    expect(await verified(world)).toMatchObject({ differences: [] });
    await stop();
    expect(await verified(world)).toMatchObject({ differences: [], unsettled: [] });
  }, 600_000);
});
