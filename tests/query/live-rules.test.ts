import { newId } from '@rookery/runtime';
import type { Client } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventuallyPasses } from '../support/eventually-passes.ts';
import {
  type FeedEvents,
  feedEventsQuery,
  happened,
  publish,
  startFeedEvents,
  type Told,
  take,
} from './feed-events-world.ts';
import { type ListName, lists, newScene, type PostName, type Row, rules, suspensions } from './live-rules.ts';
import { countWaitingStreams, neverMs } from './waiting-streams.ts';

/** Rules whose subscriptions are open at once. */
const rowsAtOnce = 6;
const timeout = 240_000;

let stores: FeedEvents;
let socket: Client;
const streams = countWaitingStreams();
beforeAll(async () => {
  // No subscription looks by itself before the tests end: whatever comes was announced.
  stores = await startFeedEvents({ livePollMs: neverMs });
  socket = stores.openSocket();
});
afterAll(async () => {
  await socket?.dispose();
  await stores?.[Symbol.asyncDispose]();
  streams[Symbol.dispose]();
});

type Event = ReturnType<typeof publish>;
const record = (...events: Event[]) => stores.world.record(events);

/** Tries again if a store is too busy, as a client does. */
const whenAvailable = async <T>(begin: () => Promise<T>): Promise<T> => {
  for (;;)
    try {
      return await begin();
    } catch (error) {
      if (!String(error).includes('SERVICE_UNAVAILABLE')) throw error;
    }
};

const inRounds = async (rows: readonly Row[], use: (some: readonly Row[]) => Promise<void>) => {
  for (let from = 0; from < rows.length; from += rowsAtOnce) await use(rows.slice(from, from + rowsAtOnce));
};

/** Makes what the scenes of rows have, and waits until it can be read. */
const makeScenes = async (rows: readonly Row[]) => {
  const made = rows.map((row) => ({ row, scene: newScene() }));
  await record(...made.flatMap(({ row, scene }) => [...scene.events, ...(row.before?.(scene) ?? [])]));
  await stores.world.caughtUp();
  return made;
};
type Made = Awaited<ReturnType<typeof makeScenes>>[number];

/** Begins a subscription. @param announce makes an event that it delivers. @param isOf whether a delivery is about an event */
const begin = <T>(
  name: string,
  subscribe: () => AsyncGenerator<T>,
  announce: () => Event,
  isOf: (delivered: T, event: Event) => boolean,
) => {
  let events: AsyncGenerator<T>;
  let isOpen = false;
  const first = whenAvailable(() => {
    events = subscribe();
    return take(events);
  });
  first.then(
    () => {
      isOpen = true;
    },
    () => {},
  );
  return {
    name,
    announce,
    isOpen: () => isOpen,
    /** Reads up to what is about an event. */
    readTo: async (event: Event) => {
      for (let delivered = await first; !isOf(delivered, event); ) delivered = await take(events);
    },
    /** Returns what is delivered next, or that the subscription has ended. */
    next: async (): Promise<unknown> => {
      const { value, done } = await events.next();
      return done ? 'ended' : value;
    },
    end: () => events.return(undefined),
  };
};
type Subscription = ReturnType<typeof begin>;

interface LivePost {
  readonly likeCount: number;
}
const postQuery = `subscription ($id: ID!) { post(id: $id) {
  body likeCount isHiddenReply quotedPost { body } } }`;

const beginPost = (reader: string, name: PostName, id: string) => {
  const likes: Event[] = [];
  const subscribe = async function* () {
    const results = stores.subscribe<{ post: LivePost }>(socket, reader, postQuery, { id });
    for await (const { post } of results) yield post;
  };
  const like = () => {
    const event = happened('rookery.post.liked', newId(), id, {});
    likes.push(event);
    return event;
  };
  return begin(name, subscribe, like, ({ likeCount }, event) => likeCount > likes.indexOf(event));
};

const beginFeed = async (reader: string, friend: string) => {
  const { startCursor: after } = await whenAvailable(() => stores.readFeed(reader));
  const subscribe = async function* () {
    const results = stores.subscribe<{ friendsFeedEvents: Told }>(socket, reader, feedEventsQuery, { after });
    for await (const { friendsFeedEvents } of results) yield friendsFeedEvents;
  };
  return begin(
    'feed',
    subscribe,
    () => publish(friend),
    ({ item }, event) => item?.post.id === event.id,
  );
};

/** Begins the subscriptions of a row. */
const beginRow = async ({ row, scene }: Made) => {
  const names = [...(row.ends ?? []), ...Object.keys(row.changes ?? {})] as PostName[];
  const posts = names.map((name) => beginPost(scene.reader, name, scene[name].id));
  const feed = await beginFeed(scene.reader, scene.bob);
  return { row, scene, open: [feed, ...posts] as Subscription[] };
};
type Begun = Awaited<ReturnType<typeof beginRow>>;

/** Waits until subscriptions listen: until they deliver what is announced after their first delivery, and look no more. */
const listen = async (all: readonly Subscription[]): Promise<void> => {
  for (let closed = all; closed.length > 0; closed = all.filter(({ isOpen }) => !isOpen())) {
    await record(...closed.map(({ announce }) => announce()));
    await stores.world.caughtUp();
  }
  const last = all.map((each) => ({ each, event: each.announce() }));
  await record(...last.map(({ event }) => event));
  await Promise.all(last.map(({ each, event }) => each.readTo(event)));
  await stores.world.caughtUp();
  // A post that was just delivered is looked at once more, and would show what nobody has announced.
  await expect.poll(streams.count).toBe(all.length);
};

const expectedOf = ({ row, scene }: Begun) => ({
  ...Object.fromEntries((row.ends ?? []).map((name) => [name, 'ended'])),
  ...row.changes,
  feed: [row.feed(scene)].flat(),
});

/** Returns what is told next, by row and subscription, as it comes. */
const hear = (begun: readonly Begun[]): Record<string, Record<string, unknown>> => {
  const told = Object.fromEntries(begun.map(({ row }) => [row.rule, {} as Record<string, unknown>]));
  for (const { row, scene, open } of begun)
    for (const { name, next } of open) {
      const tell = (value: unknown) => Object.assign(told[row.rule] as object, { [name]: value });
      const readFeed = async () => {
        const events: unknown[] = [];
        while (events.length < [row.feed(scene)].flat().length) events.push(await next());
        return events;
      };
      (name === 'feed' ? readFeed() : next()).then(tell, (error) => tell(String(error)));
    }
  return told;
};

describe('open subscriptions', () => {
  it.each([
    { of: 'rules', rows: rules },
    // A suspension wakes every open feed, so that it would hide what other rules do not announce.
    { of: 'suspensions', rows: suspensions },
  ])('hear of all $of by what these announce', { timeout }, ({ rows }) =>
    inRounds(rows, async (some) => {
      const begun = [];
      for (const made of await makeScenes(some)) begun.push(await beginRow(made));
      const open = begun.flatMap((each) => each.open);
      await listen(open);
      const told = hear(begun);
      await record(...begun.flatMap(({ row, scene }) => row.happens(scene)));
      const expected = Object.fromEntries(begun.map((each) => [each.row.rule, expectedOf(each)]));
      await eventuallyPasses(async () => expect(told).toMatchObject(expected));
      await Promise.all(open.map(({ end }) => end()));
      await expect.poll(streams.count).toBe(0);
    }),
  );
});

/** Returns all that a list shows a reader from a cursor on, as text, until it has shown something. */
const readList = async (reader: string, name: ListName, after: string, last: string): Promise<string> => {
  const query = `subscription ($after: String) { ${name}(after: $after) { ${lists[name].selection} } }`;
  let shown = '';
  for await (const result of stores.subscribe(socket, reader, query, { after })) {
    shown += JSON.stringify(result);
    if (shown.includes(last)) break;
  }
  return shown;
};

type Starts = Record<ListName, { readonly pageInfo: { readonly startCursor: string } }>;

/** Returns what the lists of a row show after its rule is in force, by list. */
const readLists = async ({ row: { silences = [], happens }, scene }: Made) => {
  const { reader, friend, bob } = scene;
  const query = `{ ${silences.map((name) => `${name} { pageInfo { startCursor } }`).join(' ')} }`;
  const starts = await whenAvailable(() => stores.ask<Starts>(reader, query));
  const act = (actor: string) => silences.map((name) => lists[name].act(actor, scene));
  const last = act(bob);
  await record(...happens(scene), ...act(friend), ...last);
  return Promise.all(
    silences.map((name, i) => {
      const mark = lists[name].mark(last[i] as Event);
      const { startCursor } = starts[name].pageInfo;
      return whenAvailable(() => readList(reader, name, startCursor, mark));
    }),
  );
};

describe('lists of what is new', () => {
  it('show nothing of somebody whom a rule hides', { timeout }, () =>
    inRounds(
      [...rules, ...suspensions].filter(({ silences }) => silences),
      async (some) => {
        for (const made of await makeScenes(some))
          for (const text of await readLists(made))
            expect(text, made.row.rule).not.toContain(made.scene.friend);
      },
    ),
  );
});
