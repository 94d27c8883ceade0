import { randomUUID } from 'node:crypto';
import type { Documents } from '@rookery/document-store';
import { openEventStore } from '@rookery/event-store';
import { openFeeds } from '@rookery/feeds';
import { createFanOut, createLiveApply } from '@rookery/projector';
import { projections } from '@rookery/read-models/reducers';
import { readConfig } from '@rookery/runtime';
import { MalformedEventError, type RecordedEvent, readEvent } from '@rookery/schema/events';
import pg from 'pg';
import type { Arena } from '../arena.ts';
import { quietLog, readStore, withDocuments } from '../check/observe.ts';
import type { Fault } from '../fault.ts';
import { perform, signUp } from '../workload/send.ts';
import { ops } from './ops.ts';

/** The last events of the store, as a projector gets them. */
const lastEvents = async (url: string, most: number): Promise<RecordedEvent[]> => {
  const store = openEventStore(url, { log: quietLog });
  try {
    const head = await store.head();
    return (await store.read(Math.max(0, head - most), most)).flatMap((one) => {
      try {
        return [{ ...one, event: readEvent(one.event) }];
      } catch (error) {
        if (error instanceof MalformedEventError) return [];
        throw error;
      }
    });
  } finally {
    await store.close();
  }
};

/** Applies these to every projection beside the running projector, in batches, as another one would do it. */
const applyAgain = async ({ urls }: Arena, batches: readonly RecordedEvent[][]): Promise<void> => {
  const config = readConfig(['FEED_CAP', 'FEED_IDLE_DAYS', 'FANOUT_LIMIT'], {});
  const { FEED_CAP: cap, FEED_IDLE_DAYS: idleDays, FANOUT_LIMIT: limit } = config;
  const feeds = openFeeds(urls.redis, { cap, idleDays, log: quietLog });
  try {
    await withDocuments(urls.documents, async (documents) => {
      const fanOut = (live: Documents) => createFanOut({ documents: live, feeds, cap, limit, log: quietLog });
      for (const projection of projections) {
        const apply = createLiveApply(projection, { documents, fanOut });
        for (const batch of batches) await apply(batch);
      }
    });
  } finally {
    await feeds.close();
  }
};

/** Makes Postgres refuse this text in a post, as data that it can't hold, until told otherwise. */
const refuse = async (url: string, body: string): Promise<() => Promise<void>> => {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  const name = `refuse_${randomUUID().slice(0, 8)}`;
  await client.query(`
    create function ${name}() returns trigger language plpgsql as $$
    begin raise exception 'refused for a while' using errcode = '22023'; end $$;
    create trigger ${name} before insert or update on documents.posts
    for each row when (new.doc->>'body' = '${body}') execute function ${name}()`);
  return async () => {
    await client.query(`drop trigger ${name} on documents.posts; drop function ${name}`);
    await client.end();
  };
};

export const deliveryFaults: readonly Fault[] = [
  {
    name: 'duplicates-projected',
    row: 'duplicate ×3, reordered',
    expected: 'no change',
    async run({ arena, random, fired, hold }) {
      for (let round = 1; round <= 2; round++) {
        const known = await lastEvents(arena.urls.store, 80);
        const thrice = random.shuffle([...known, ...known, ...known]);
        const batches = Array.from({ length: Math.ceil(thrice.length / 40) }, (_, i) =>
          thrice.slice(i * 40, (i + 1) * 40),
        );
        await applyAgain(arena, batches);
        fired(`${thrice.length} events applied out of order, each three times`);
        await hold(2);
      }
    },
  },
  {
    name: 'dead-letter-redriven',
    row: 'poison event',
    expected: 'a dead letter after bounded tries, while others flow; redriven once its reason is gone',
    // Its row is refused in a table that only the first generation has.
    arena: async () => ({}),
    async run({ arena, workload, fired, until, expect, hold }) {
      const body = `not for now ${randomUUID()}`;
      const allow = await refuse(arena.urls.documents, body);
      const writer = await signUp(workload.world, `letter_${randomUUID().slice(0, 8)}`);
      if (!writer) throw new Error('nobody could sign up');
      const { activity } = await perform(workload.world, writer, {
        action: 'publish',
        subject: null,
        data: { body },
        key: randomUUID(),
      });
      if (activity === null) throw new Error('the post was not accepted');
      const deadLetter = async () =>
        (await readStore(arena.urls.store)).deadLetters.find(
          ({ by, id }) => by === 'posts' && id === activity,
        );
      await until('it is a dead letter', 30_000, async () => (await deadLetter()) !== undefined);
      const found = await deadLetter();
      if (found) fired(`post ${activity} became a dead letter after ${found.tries} tries`);
      expect('with its error', found?.error.includes('refused for a while') ?? false, found);
      const listed = await ops(arena, 'dead-letters', 'list', '--json');
      expect('it is listed, as a problem', listed.code === 1 && listed.said.includes(activity), listed);
      const early = await ops(arena, 'dead-letters', 'redrive', '--id', activity);
      expect('redriven too early it stays', early.code === 1 && (await deadLetter()) !== undefined, early);
      expect('everything else flows', await workload.probe(20_000));
      await allow();
      const mended = await ops(arena, 'dead-letters', 'redrive', '--id', activity, '--why', 'mended');
      expect('it is redriven', mended.code === 0 && (await deadLetter()) === undefined, mended);
      await hold(1);
    },
  },
];
