import { setTimeout } from 'node:timers/promises';
import type { Documents } from '@rookery/document-store';
import {
  Checkpoints,
  createProjectorMetrics,
  followProgress,
  type Progress,
  readCheckpoint,
  updateCheckpoint,
} from '@rookery/projector';
import { createLog, Registry } from '@rookery/runtime';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { propertyRuns } from '../support/property-runs.ts';
import { type ProjectorWorld, projectorWorld } from '../support/systems/projector-world.ts';

const log = createLog('test', 'silent');
const projection = 'posts';

interface Beside {
  readonly looked?: () => void;
  /** Default: 0. */
  readonly lastPublished?: number;
  /** Called with each gap that is closed from the event store. */
  readonly onGap?: (from: number, to: number) => Promise<void>;
}

/** Follows the progress of one projection beside another worker, which has acknowledged everything up to `floor`. */
const followBeside = (
  { documents, feeds }: ProjectorWorld,
  floor: () => number,
  { looked = () => {}, lastPublished = 0, onGap = async () => {} }: Beside = {},
): Progress => {
  const queue = {
    consumer: async () => {
      looked();
      return { ackFloor: floor(), inFlight: 0, waiting: 0, attached: true, since: 'now' };
    },
    skipBacklog: async () => false,
    lastPublished: async () => lastPublished,
  };
  const metrics = createProjectorMetrics(new Registry());
  return followProgress({
    ...{ projection, queue, catchUpFrom: 10_000, documents, feeds, log, metrics },
    async reapply(from, to, onProgress) {
      await onGap(from, to);
      await onProgress(to);
    },
  });
};

const note = (progress: Progress, ...positions: number[]): void =>
  progress.note({ positions, waiting: 0, hints: { topics: new Set() }, traces: [] });

const positionIn = async ({ documents }: ProjectorWorld): Promise<number> =>
  (await readCheckpoint(documents, projection)).position;

it('a backlog that cannot be skipped is left to the queue for a while', async () => {
  await using world = await projectorWorld();
  const { documents, feeds } = world;
  let [looks, skips] = [0, 0];
  const queue = {
    consumer: async () => {
      looks += 1;
      return { ackFloor: 0, inFlight: 0, waiting: 20_000, attached: true, since: 'now' };
    },
    async skipBacklog() {
      skips += 1;
      throw new Error('no permission');
    },
    lastPublished: async () => 20_000,
  };
  await using _progress = followProgress({
    ...{ projection, queue, catchUpFrom: 10_000, documents, feeds, log },
    metrics: createProjectorMetrics(new Registry()),
    reapply: async () => {},
  });
  await eventually(() => looks >= 4, { what: 'several looks' });
  expect(skips).toBe(1);
});

it('a checkpoint follows what one process has applied, but not over a hole', async () => {
  await using world = await projectorWorld();
  let floor = 0;
  const progress = followBeside(world, () => floor);
  note(progress, 1, 2, 3);
  await eventually(async () => (await positionIn(world)) === 3, { what: 'the first batch' });
  note(progress, 5, 6);
  await progress[Symbol.asyncDispose]();
  expect(await positionIn(world)).toBe(3);

  // Another worker has closed the hole: its acknowledgement tells so.
  floor = 4;
  const next = followBeside(world, () => floor);
  note(next, 5, 6);
  await eventually(async () => (await positionIn(world)) === 6, { what: 'the run after the floor' });
  await next[Symbol.asyncDispose]();
});

it('a checkpoint that has gone back rises over nothing that was applied before', async () => {
  await using world = await projectorWorld();
  let looks = 0;
  const progress = followBeside(world, () => 0, {
    looked() {
      looks += 1;
    },
  });
  note(progress, 1, 2, 3, 4, 5);
  await eventually(async () => (await positionIn(world)) === 5, { what: 'the first batch' });
  note(progress, 7, 8);
  await updateCheckpoint(world.documents, projection, () => ({ position: 2 }));
  note(progress, 6);
  // The attempt to raise it comes before the look after the next one.
  const before = looks;
  await eventually(() => looks > before + 1, { what: 'an attempt to raise the checkpoint' });
  note(progress, 3, 4, 5, 6);
  await progress[Symbol.asyncDispose]();
  expect(await positionIn(world)).toBe(6);
});

describe('what other workers have acknowledged above the floor', () => {
  const gaps: string[] = [];
  const closeGap = async (from: number, to: number): Promise<void> => {
    gaps.push(`${from} to ${to}`);
  };
  const following = (world: ProjectorWorld, floor: number, onGap = closeGap): Progress =>
    followBeside(world, () => floor, { lastPublished: floor + 5, onGap });
  const reaches = (world: ProjectorWorld, position: number): Promise<unknown> =>
    eventually(async () => (await positionIn(world)) === position, { what: `position ${position}` });
  beforeEach(() => gaps.splice(0));

  it('is applied again if the checkpoint goes back', async () => {
    await using world = await projectorWorld();
    await using _progress = following(world, 10);
    // A checkpoint without a consumer is of new documents, or of wiped ones.
    await reaches(world, 15);
    await updateCheckpoint(world.documents, projection, () => ({ position: 2 }));
    await eventually(() => gaps.length === 2, { what: 'the second gap' });
    await reaches(world, 15);
    expect(gaps).toEqual(['1 to 15', '3 to 15']);
    const consumer = async () => (await readCheckpoint(world.documents, projection)).consumer;
    await eventually(async () => (await consumer()) === 'now', { what: 'the consumer' });
  });

  it('is applied again if the checkpoint went back while no worker ran', async () => {
    await using world = await projectorWorld();
    const before = { position: 500, consumer: 'now' };
    await updateCheckpoint(world.documents, projection, () => before);
    let during: string | undefined;
    const onGap = async (from: number, to: number): Promise<void> => {
      during = (await readCheckpoint(world.documents, projection)).consumer;
      await closeGap(from, to);
    };
    await using _progress = following(world, 2_000, onGap);
    await reaches(world, 2_005);
    // So other workers do not raise it to the floor meanwhile.
    expect({ gaps, during }).toEqual({ gaps: ['501 to 2005'], during: '' });
  });

  it('is not applied again after an ordinary start', async () => {
    await using world = await projectorWorld();
    await updateCheckpoint(world.documents, projection, () => ({ position: 9, consumer: 'now' }));
    await using _progress = following(world, 10);
    await reaches(world, 10);
    expect(gaps).toEqual(['10 to 10']);
  });

  it('is applied again if another worker has noticed that the checkpoint went back', async () => {
    await using world = await projectorWorld();
    await updateCheckpoint(world.documents, projection, () => ({ position: 10, consumer: 'now' }));
    let looks = 0;
    const looked = (): void => {
      looks += 1;
    };
    await using _progress = followBeside(world, () => 20, { looked, lastPublished: 25, onGap: closeGap });
    await reaches(world, 20);
    // Its present position is above the last known one: only its consumer tells.
    const noticed = { position: 22, consumer: '' };
    await updateCheckpoint(world.documents, projection, () => noticed);
    const before = looks;
    await eventually(() => looks > before + 1, { what: 'two looks' });
    await reaches(world, 25);
    expect(gaps).toEqual(['11 to 20', '23 to 25']);
  });

  it('is applied again if the checkpoint goes back while the gap is being closed', async () => {
    await using world = await projectorWorld();
    await updateCheckpoint(world.documents, projection, () => ({ position: 10, consumer: 'before' }));
    const onGap = async (from: number, to: number): Promise<void> => {
      await closeGap(from, to);
      if (gaps.length === 1)
        await updateCheckpoint(world.documents, projection, () => ({ position: 4, consumer: 'before' }));
    };
    await using _progress = following(world, 20, onGap);
    await eventually(() => gaps.length === 2, { what: 'the second gap' });
    await reaches(world, 25);
    expect(gaps).toEqual(['11 to 25', '5 to 25']);
  });
});

it('a checkpoint that another worker changes between read and write keeps both changes', async () => {
  await using world = await projectorWorld();
  const { documents } = world;
  const raise = (checkpoints: Checkpoints) =>
    checkpoints.update(projection, ({ position }) => ({ position: position + 1 }));
  let isFirst = true;
  const collection: typeof documents.collection = (name) => {
    const found = documents.collection<never>(name);
    const putMany: typeof found.putMany = async (writes) => {
      if (isFirst) {
        isFirst = false;
        await raise(new Checkpoints(documents));
      }
      return found.putMany(writes);
    };
    return { ...found, putMany };
  };
  expect((await raise(new Checkpoints({ ...documents, collection }))).position).toBe(2);
  expect(await positionIn(world)).toBe(2);
});

it('checkpoints that are raised at once are written together', async () => {
  await using world = await projectorWorld();
  const names = ['feeds', 'posts', 'profiles'];
  const checkpoints = new Checkpoints(world.documents);
  const before = world.documents.calls;
  await Promise.all(
    names.flatMap((name) =>
      Array.from({ length: 50 }, () =>
        checkpoints.update(name, ({ position }) => ({ position: position + 1 })),
      ),
    ),
  );
  for (const name of names) expect((await readCheckpoint(world.documents, name)).position).toBe(50);
  // The first alone, and then all others.
  expect(world.documents.calls - before).toBe(4 + names.length);
});

it('the checkpoint of a projection that an event does not concern is written with those of others', async () => {
  await using world = await projectorWorld();
  const checkpoints = new Checkpoints(world.documents);
  const raise = (name: string, urgency?: 'idle') =>
    checkpoints.update(name, ({ position }) => ({ position: position + 1 }), urgency);
  const before = world.documents.calls;
  await Promise.all([raise('profiles', 'idle'), raise('reactions', 'idle'), raise('posts')]);
  expect(world.documents.calls - before).toBe(2);
  // If there are no others, it is written nevertheless.
  expect((await raise('profiles', 'idle')).position).toBe(2);
});

it('a checkpoint that this process has just written is raised without reading it, unless it has changed or is gone', async () => {
  await using world = await projectorWorld();
  const { documents } = world;
  let now = 0;
  const checkpoints = new Checkpoints(documents, () => now);
  const names = ['feeds', 'posts'];
  const raise = () =>
    Promise.all(
      names.map((name) => checkpoints.update(name, ({ position }) => ({ position: position + 1 }), 'idle')),
    );
  const callsOf = async (work: () => Promise<unknown>): Promise<number> => {
    const before = documents.calls;
    await work();
    return documents.calls - before;
  };
  expect(await callsOf(raise)).toBe(2);
  expect(await callsOf(raise)).toBe(1);
  // After a while, others may know more.
  now += 500;
  expect(await callsOf(raise)).toBe(2);
  await updateCheckpoint(documents, 'posts', () => ({ position: 7, epoch: 4 }));
  expect(await raise()).toMatchObject([{ position: 4 }, { position: 8, epoch: 4 }]);
  now += 1_000;
  await raise();
  await documents.collection('progress').clear();
  expect(await raise()).toMatchObject([{ position: 1 }, { position: 1, epoch: 0 }]);
  for (const name of names) expect((await readCheckpoint(documents, name)).position).toBe(1);
});

it('every update of a checkpoint is written once, however urgent it is and whenever it comes', async () => {
  await using world = await projectorWorld();
  const step = fc.record({
    name: fc.constantFrom('feeds', 'posts'),
    urgency: fc.constantFrom('urgent' as const, 'idle' as const),
    // Calls of the store between this update and the next one.
    calls: fc.integer({ min: 0, max: 2 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      const checkpoints = new Checkpoints(world.documents);
      const start = await Promise.all(
        ['feeds', 'posts'].map((name) => readCheckpoint(world.documents, name)),
      );
      const updates = [];
      for (const { name, urgency, calls } of steps) {
        updates.push(checkpoints.update(name, ({ position }) => ({ position: position + 1 }), urgency));
        for (let i = 0; i < calls; i++) await world.documents.ping();
      }
      await Promise.all(updates);
      const end = await Promise.all(['feeds', 'posts'].map((name) => readCheckpoint(world.documents, name)));
      const raised = end.map(({ position }, i) => position - (start[i]?.position ?? 0));
      expect(raised).toEqual(
        ['feeds', 'posts'].map((wanted) => steps.filter(({ name }) => name === wanted).length),
      );
    }),
    { numRuns: propertyRuns(50) },
  );
});

it('an update that nobody waits for is written although its time comes while others are being written', async () => {
  await using world = await projectorWorld();
  const written = Promise.withResolvers<void>();
  const collection: Documents['collection'] = <T>(name: string) => {
    const stored = world.documents.collection<T>(name);
    const getMany: typeof stored.getMany = async (ids) => {
      await written.promise;
      return stored.getMany(ids);
    };
    return { ...stored, getMany };
  };
  const checkpoints = new Checkpoints({ ...world.documents, collection });
  const urgent = checkpoints.update('feeds', ({ position }) => ({ position: position + 1 }));
  const idle = checkpoints.update('posts', ({ position }) => ({ position: position + 1 }), 'idle');
  // Later than the time of the idle update, which is over while the urgent one is held.
  await setTimeout(100);
  written.resolve();
  expect((await Promise.all([urgent, idle])).map(({ position }) => position)).toEqual([1, 1]);
});
