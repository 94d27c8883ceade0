import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { cloneDir } from '@rookery/stack';
import { expect } from 'vitest';
import { users } from '../support/events/recorded-events.ts';
import { model } from '../support/model/social.ts';
import { beginEpoch, expectDocuments, expectFeeds, fillFeed } from '../support/systems/observe.ts';
import { projectorWorld } from '../support/systems/projector-world.ts';
import type { longHistory } from './long-history.ts';

/** Lets a projector die at the crash point, and compares what the next one leaves with the model. */
export const checkCrash = async (point: string, events: typeof longHistory): Promise<void> => {
  await using world = await projectorWorld();
  await beginEpoch(world.documents);
  for (const reader of users) await fillFeed(world.documents, world.feeds, reader);
  // A projector that finds acknowledged events and no progress takes the documents for new ones and leaves all feeds
  // behind. That is right, but here the feeds must survive: so progress is raised before the projector dies.
  {
    await using _first = await world.start();
    await world.record(events.slice(0, 3));
    await world.caughtUp();
  }
  const child = spawn(process.execPath, [join(cloneDir, 'projector/src/main.ts')], {
    env: { ...process.env, ...world.env, CRASH_POINT: point, LOG_LEVEL: 'silent' },
    stdio: 'inherit',
  });
  const exited = once(child, 'exit');
  for (let i = 3; i < events.length; i += 3) await world.record(events.slice(i, i + 3));
  // The fault really fired.
  expect(await exited).toEqual([null, 'SIGKILL']);
  await world.start();
  await world.caughtUp();
  const expected = model(events);
  const ids = events.map(({ event }) => event.id);
  await expectDocuments(world.documents, expected, ids);
  await expectFeeds(world.documents, world.feeds, expected, users);
};
