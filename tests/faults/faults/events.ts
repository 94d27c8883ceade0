import { randomUUID } from 'node:crypto';
import { jetstream } from '@nats-io/jetstream';
import { connect, headers } from '@nats-io/transport-node';
import { readMetric } from '@rookery/runtime';
import { runSql } from '../../support/servers/run-sql.ts';
import type { Arena } from '../arena.ts';
import { readDocuments, readStore, withDocuments } from '../check/observe.ts';
import type { Fault } from '../fault.ts';

/** Puts messages into the queue past all proxies, each under a message id of its own, so that the queue takes it. */
const inject = async (
  arena: Arena,
  messages: readonly { subject: string; text: string }[],
): Promise<number> => {
  const nc = await connect({ servers: new URL(arena.urls.queue).host, timeout: 3_000 });
  try {
    const js = jetstream(nc);
    for (const { subject, text } of messages) {
      const header = headers();
      header.set('Nats-Msg-Id', randomUUID());
      await js.publish(subject, text, { headers: header });
    }
    return messages.length;
  } finally {
    await nc.close();
  }
};

const storedEvents = async (url: string, limit: number): Promise<string[]> => {
  const rows = await runSql<{ event: string }>(
    url,
    'select event::text as event from event_store.events order by position desc limit $1',
    [limit],
  );
  return rows.map(({ event }) => event);
};

const event = (type: string, id: string, data: unknown): string =>
  JSON.stringify({
    specversion: '1.0',
    id,
    source: 'rookery/mutation',
    type,
    subject: id,
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    actor: randomUUID(),
    data,
  });

export const eventFaults: readonly Fault[] = [
  {
    name: 'duplicates-reordered',
    row: 'duplicate ×3, reordered',
    expected: 'no change',
    async run({ arena, random, fired, hold }) {
      for (let round = 1; round <= 3; round++) {
        const known = await storedEvents(arena.urls.store, 60);
        const thrice = random.shuffle([...known, ...known, ...known]).map((text) => ({
          subject: `activity.${(JSON.parse(text) as { id: string }).id}`,
          text,
        }));
        fired(`${await inject(arena, thrice)} duplicates of ${known.length} events`);
        await hold(2);
      }
    },
  },
  {
    name: 'poison-message',
    row: 'poison event',
    expected: 'a dead letter of the recorder with its error; everything else flows',
    async run({ arena, injected, until, fired, hold }) {
      const before = (await readStore(arena.urls.store)).deadLetters.length;
      const count = await inject(arena, [
        { subject: `activity.${randomUUID()}`, text: 'not JSON at all {' },
        { subject: `activity.${randomUUID()}`, text: JSON.stringify({ specversion: '1.0', nonsense: true }) },
      ]);
      fired(`${count} messages that are no events`);
      await until('they are dead letters', 20_000, async () => {
        const { deadLetters } = await readStore(arena.urls.store);
        if (deadLetters.length < before + count) return false;
        for (const { by, id } of deadLetters) if (by === 'recorder') injected.deadLetters.add(`${by} ${id}`);
        return true;
      });
      await until('it shows in the metrics', 5_000, async () => {
        const { recorder } = arena.system.metricsUrls;
        return (
          ((await readMetric(recorder, 'rookery_recorder_events_total', { outcome: 'dead_letter' })) ?? 0) > 0
        );
      });
      await hold(1);
    },
  },
  {
    name: 'poison-event',
    row: 'poison event',
    expected: 'recorded, then a dead letter of each projection with its error; everything else flows; alert',
    async run({ arena, injected, until, fired, hold }) {
      const id = randomUUID();
      injected.events.add(id);
      await inject(arena, [
        { subject: `activity.${id}`, text: event('rookery.post.published.v1', id, { body: 42 }) },
      ]);
      fired(`event ${id} with data that nothing can read`);
      const projections = ['profiles', 'posts', 'reactions', 'feeds', 'notifications', 'activities'];
      for (const by of projections) injected.deadLetters.add(`${by} ${id}`);
      await until('every projection has the dead letter', 20_000, async () => {
        const { deadLetters } = await readStore(arena.urls.store);
        return projections.every((by) =>
          deadLetters.some((one) => one.by === by && one.id === id && one.error !== ''),
        );
      });
      await until(
        'it shows in the metrics',
        5_000,
        async () =>
          ((await readMetric(arena.system.metricsUrls.projector, 'rookery_projector_dead_letters_total')) ??
            0) > 0,
      );
      await hold(1);
    },
  },
  {
    name: 'unknown-version',
    row: 'unknown event version',
    expected: 'the projections stop loudly and skip nothing',
    ends: true,
    async run({ arena, injected, until, fired, expect, hold }) {
      const id = randomUUID();
      injected.events.add(id);
      await inject(arena, [
        {
          subject: `activity.${id}`,
          text: event('rookery.post.published.v99', id, { body: 'from the future' }),
        },
      ]);
      fired(`event ${id} of version 99`);
      await until('the projector says that it is not ready', 20_000, async () => {
        const { status } = await fetch(`${arena.system.urls.projector}/health/ready`);
        return status === 503;
      });
      await hold(3);
      const { events, deadLetters } = await readStore(arena.urls.store);
      const position = events.find((one) => one.id === id)?.position ?? 0;
      expect('it was recorded', position > 0);
      expect('there is no dead letter for it', !deadLetters.some((one) => one.id === id), deadLetters);
      const documents = await withDocuments(arena.urls.documents, readDocuments);
      const activities = documents.get('activities') ?? new Map();
      const later = events.filter((one) => one.position > position && activities.has(one.id));
      // Those in one batch with it wait too; what was applied lies before it.
      expect('nothing behind it was applied', later.length === 0, later.length);
    },
  },
];
