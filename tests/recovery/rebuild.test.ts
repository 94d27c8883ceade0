import { setTimeout } from 'node:timers/promises';
import { rebuild, rollBack, verify } from '@rookery/projector';
import { projectionNames } from '@rookery/projector/projections';
import { describe, expect, it } from 'vitest';
import { fillFeed } from '../projector/observe.ts';
import { type ProjectorWorld, projectorWorld } from '../projector/projector-world.ts';
import { createHistory } from './history.ts';

const { signal } = new AbortController();

const verified = ({ documents, eventStore, feeds }: ProjectorWorld, repair = false) =>
  verify({
    documents,
    eventStore,
    feeds,
    cap: 800,
    projections: projectionNames,
    signal,
    repair,
  });

describe('a rebuild', () => {
  it('is equal to the live one, goes live under load and can be rolled back', async () => {
    await using world = await projectorWorld();
    await world.start();
    await world.start();
    const history = createHistory();
    await world.record(history.next(5_000));
    await world.caughtUp();
    for (const user of history.users.slice(0, 20)) await fillFeed(world.documents, world.feeds, user, 800);
    expect(await verified(world)).toMatchObject({ differences: [], unsettled: [], feeds: 20 });

    const stop = new AbortController();
    const load = (async () => {
      while (!stop.signal.aborted) {
        await world.record(history.next(20));
        await setTimeout(50);
      }
    })();
    const { documents, eventStore } = world;
    const rebuilt = await rebuild({
      documents,
      eventStore,
      projections: projectionNames,
      signal,
    });
    expect(rebuilt).toMatchObject({ resumed: false, failed: [] });
    const now = await documents.generations(true);
    for (const name of projectionNames) {
      expect(now.of(name)).toMatchObject({
        live: rebuilt.generation,
        also: null,
        previous: { generation: 0 },
      });
    }
    const during = await verified(world);
    expect(during).toMatchObject({ differences: [], unsettled: [] });
    await rollBack({ documents, eventStore, projection: 'feeds', signal });
    stop.abort();
    await load;
    await world.caughtUp();
    expect((await documents.generations(true)).of('feeds').live).toBe(0);
    for (const user of history.users.slice(0, 20)) await fillFeed(world.documents, world.feeds, user, 800);
    expect(await verified(world)).toMatchObject({ differences: [], unsettled: [], feeds: 20 });
  }, 120_000);
});
