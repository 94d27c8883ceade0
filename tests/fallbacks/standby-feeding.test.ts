import { type Documents, openDocuments } from '@rookery/document-store';
import { type CheckpointDoc, projections, standbyOf } from '@rookery/read-models';
import { createLog } from '@rookery/runtime';
import { describe, expect, it } from 'vitest';
import { posts, record, users } from '../support/events/recorded-events.ts';
import { eventually } from '../support/eventually.ts';
import { freshPostgres } from '../support/index.ts';
import { model } from '../support/model/social.ts';
import { runSql } from '../support/servers/run-sql.ts';
import { expectDocuments } from '../support/systems/observe.ts';
import { projectorWorld } from '../support/systems/projector-world.ts';

const [post] = posts as [string];
const history = record(
  Array.from({ length: 120 }, (_, i) => ({
    name: i % 5 === 4 ? ('rookery.post.unliked' as const) : ('rookery.post.liked' as const),
    actor: users[i % users.length] ?? '',
    subject: post,
    at: i,
    data: {},
  })),
);

const whole = (documents: Documents, upTo: number) =>
  eventually(
    async () => {
      const found = await documents.collection<CheckpointDoc>('progress').getMany(projections);
      return projections.every((name) => (found.get(name)?.doc.position ?? 0) >= upTo);
    },
    { what: `progress to ${upTo}`, within: 60_000 },
  );
const matches = (documents: Documents, upTo: number) => {
  const events = history.slice(0, upTo);
  return expectDocuments(
    documents,
    model(events),
    events.map(({ event }) => event.id),
  );
};

describe('a standby', () => {
  it('switched on later, away for long, and wiped, becomes whole; RECORDED does not wait for it', {
    timeout: 180_000,
  }, async () => {
    await using server = await freshPostgres();
    await using world = await projectorWorld();
    await using standby = new AsyncDisposableStack();
    const documents = standby.adopt(
      await openDocuments(server.url, { log: createLog('test', 'silent') }),
      (d) => d.close(),
    );
    {
      await using _alone = await world.start();
      await world.record(history.slice(0, 40));
      await world.caughtUp();
    }
    // RECORDED holds nothing of it any more.
    await using _both = await world.start({ DOCUMENTS_STANDBY_URL: server.url });
    await whole(documents, 40);
    await matches(documents, 40);

    await server.kill();
    await world.record(history.slice(40, 80));
    await world.caughtUp();
    const began = performance.now();
    for (const name of projections)
      await eventually(
        () =>
          world.queue.consumer(standbyOf(name)).then(
            // One that had nothing to write may have taken everything.
            ({ inFlight, waiting }) => inFlight + waiting === 0,
            () => true,
          ),
        { what: `${name} is let go`, within: 30_000 },
      );
    console.log('let go after', Math.round(performance.now() - began), 'ms');
    await server.restart();
    await world.record(history.slice(80, 100));
    await whole(documents, 100);
    await matches(documents, 100);

    await runSql(server.url, 'drop schema documents cascade');
    await whole(documents, 100);
    await world.record(history.slice(100));
    await whole(documents, 120);
    await matches(documents, 120);
    // And the primary was never held up or touched by any of it.
    await world.caughtUp();
    await matches(world.documents, 120);
    expect(await world.eventStore.deadLetters(10)).toEqual([]);
  });
});

describe('the primary', () => {
  it('wiped, becomes whole by itself too', { timeout: 60_000 }, async () => {
    await using world = await projectorWorld();
    await using _projector = await world.start();
    await world.record(history.slice(0, 60));
    await world.caughtUp();
    await runSql(world.env.DOCUMENTS_URL ?? '', 'drop schema documents cascade');
    await whole(world.documents, 60);
    await world.record(history.slice(60));
    await whole(world.documents, 120);
    await matches(world.documents, 120);
  });
});
