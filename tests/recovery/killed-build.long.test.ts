import { rebuild, verify } from '@rookery/projector';
import type { RebuildDoc } from '@rookery/read-models';
import { projectionNames } from '@rookery/read-models/reducers';
import { type RecordedEvent, readEvent } from '@rookery/schema/events';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createHistory } from '../support/events/history.ts';
import { createKillable } from '../support/killable.ts';
import { model } from '../support/model/social.ts';
import { expectDocuments, fillFeed } from '../support/systems/observe.ts';
import { type ProjectorWorld, projectorWorld } from '../support/systems/projector-world.ts';
import { readAll } from '../support/systems/recorder-world.ts';

const { signal } = new AbortController();
const projections = projectionNames;

interface Kill {
  /** Number of calls of its stores that a process makes before it is killed. */
  readonly calls: number;
  /** True if the last one still has its effect. */
  readonly isDone: boolean;
  /** Number of events that are recorded while the process runs. */
  readonly recorded: number;
}

/** A build of all read models takes some 110 calls: 30 of them load, and the last 30 swap and raise the checkpoints. */
const kill: fc.Arbitrary<Kill> = fc.record({
  calls: fc.integer({ min: 1, max: 110 }),
  isDone: fc.boolean(),
  recorded: fc.integer({ min: 0, max: 200 }),
});

/** Lets RECORDED continue after the last event, as a recorder does with a new queue. */
const renewQueue = async ({ queue, eventStore }: ProjectorWorld): Promise<void> => {
  const head = await eventStore.head();
  const [last] = await eventStore.read(head - 1, 1);
  await queue.renewRecorded();
  if (last) await queue.skipRecorded(last);
};

/** Builds all read models until the process is killed. @returns whether it was */
const buildUntilKilled = async (
  { documents, eventStore }: ProjectorWorld,
  { calls, isDone }: Kill,
): Promise<boolean> => {
  const stop = new AbortController();
  const killable = createKillable(calls, isDone, () => stop.abort(new Error('killed')));
  await rebuild({
    documents: killable.wrap(documents),
    eventStore: killable.wrap(eventStore),
    projections,
    signal: stop.signal,
  }).catch((error: unknown) => {
    if (!killable.isKilled) throw error;
  });
  return killable.isKilled;
};

const recordedIn = async ({ eventStore }: ProjectorWorld): Promise<RecordedEvent[]> =>
  (await readAll(eventStore)).map((stored) => ({ ...stored, event: readEvent(stored.event) }));

/** Without a projector, only a generation that is live and complete raises a checkpoint. */
const checkBegun = async (world: ProjectorWorld): Promise<void> => {
  const { documents } = world;
  const pointer = await documents.generations(true);
  const phase = (await documents.collection<RebuildDoc>('rebuilds').getMany(['current'])).get('current')?.doc
    .phase;
  for (const [name, { position }] of await world.progress()) {
    if (pointer.of(name).live !== 0) expect(['join', 'drain', 'done']).toContain(phase);
    if (position > 0) expect([pointer.of(name).live !== 0, pointer.of(name).also]).toEqual([true, null]);
  }
};

/** All that was recorded is in the documents once, and equals a rebuild from the events. */
const check = async (world: ProjectorWorld): Promise<void> => {
  const { documents, eventStore, feeds } = world;
  await world.caughtUp();
  const recorded = await recordedIn(world);
  await expectDocuments(
    documents,
    model(recorded),
    recorded.map(({ event }) => event.id),
  );
  const [reader = ''] = recorded.flatMap(({ event }) =>
    event.type.startsWith('rookery.user.followed.') ? [event.actor] : [],
  );
  await fillFeed(documents, feeds, reader, 800);
  const verified = await verify({ documents, eventStore, feeds, cap: 800, projections, signal });
  expect(verified).toMatchObject({ differences: [], unsettled: [], feeds: 1 });
  expect(await eventStore.deadLetters(10)).toEqual([]);
};

it('a bulk build that is killed at any call, and resumed, loses no event that is recorded meanwhile', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(kill, { minLength: 1, maxLength: 2 }),
      fc.boolean(),
      fc.integer({ min: 1, max: 1_000 }),
      async (kills, isProjecting, seed) => {
        await using world = await projectorWorld();
        const history = createHistory({ seed });
        for (let i = 0; i < 10; i++) await world.record(history.next(250));
        await renewQueue(world);
        // A projector may run meanwhile, which begins to apply one event after the other.
        if (isProjecting) await world.start();
        for (const each of kills) {
          const [wasKilled] = await Promise.all([
            buildUntilKilled(world, each),
            each.recorded > 0 ? world.record(history.next(each.recorded)) : undefined,
          ]);
          if (!isProjecting) await checkBegun(world);
          if (!wasKilled) break;
        }
        const { generation } = await rebuild({ ...world, projections, signal });
        const pointer = await world.documents.generations(true);
        for (const name of projections)
          expect(pointer.of(name)).toMatchObject({ live: generation, also: null });
        if (!isProjecting) await world.start();
        await world.record(history.next(20));
        await check(world);
      },
    ),
    { numRuns: 4, endOnFailure: true },
  );
}, 900_000);
