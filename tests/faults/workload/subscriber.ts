import { waitBeforeRetry } from '@rookery/runtime/backoff';
import { type Client, createClient } from 'graphql-ws';
import WebSocket from 'ws';
import type { Edge } from './reader.ts';
import type { Person, SharedWorld } from './world.ts';

interface Delivery extends Edge {
  /** performance.now() */
  readonly at: number;
}

/** A reader with the page open: everything that comes, over however many connections. */
export interface Subscriber {
  readonly person: Person;
  readonly delivered: readonly Delivery[];
  /** The codes with which its connections ended. */
  readonly closes: readonly number[];
  readonly connections: number;
  /** True if its connection is open, as far as it knows. */
  readonly isConnected: boolean;
  /** Ends it for good. */
  stop(): Promise<void>;
}

const pingEvery = 2_000;
const pongWithin = 3_000;

/** Follows the friends feed from a cursor on, and comes back with the newest cursor whenever the connection is lost. */
export const follow = (
  world: SharedWorld,
  person: Person,
  url: string,
  cursor: string | undefined,
): Subscriber => {
  const delivered: Delivery[] = [];
  const closes: number[] = [];
  const ids = new Set<string>();
  const ended = new AbortController();
  let after = cursor;
  let connections = 0;
  let isConnected = false;
  let client: Client | undefined;

  const take = ({ friendsFeed }: { friendsFeed: Edge }): void => {
    const at = performance.now();
    after = friendsFeed.cursor;
    delivered.push({ ...friendsFeed, at });
    const { node } = friendsFeed;
    world.watch.trace('live', { to: person.handle, item: node.id, verb: node.verb, post: node.post.id });
    world.watch.checked('P8');
    if (ids.has(node.id))
      world.watch.broken('P8', `${person.handle}: ${node.verb} ${node.post.id} was delivered twice`);
    ids.add(node.id);
    const { gone, visibility } = world.postById.get(node.post.id) ?? {};
    // Nobody mentions those who only read.
    if (visibility === 'MENTIONED')
      world.watch.broken('P8', `${person.handle}: ${node.post.id} is for others`);
    if (gone !== undefined && gone < at - 2_000 && world.punctual())
      world.watch.broken(
        'P7',
        `${person.handle}: ${node.post.id} delivered ${Math.round(at - gone)} ms after its deletion`,
      );
  };

  const connect = async (): Promise<void> => {
    connections += 1;
    let late: NodeJS.Timeout | undefined;
    client = createClient({
      url: `${url.replace(/^http/, 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      lazy: true,
      connectionParams: { authorization: `Bearer ${person.token}` },
      connectionAckWaitTimeout: 3_000,
      keepAlive: pingEvery,
      on: {
        ping: (received) => {
          if (!received) late = setTimeout(() => client?.terminate(), pongWithin);
        },
        pong: (received) => {
          if (received) clearTimeout(late);
        },
        connected: () => {
          isConnected = true;
        },
        closed: (event) => {
          isConnected = false;
          clearTimeout(late);
          closes.push((event as { code?: number }).code ?? 0);
        },
      },
    });
    const own = client;
    try {
      await new Promise<void>((resolve, reject) => {
        own.subscribe<{ friendsFeed: Edge }>(
          {
            query: `subscription ($after: String) { friendsFeed(after: $after) { cursor node { id verb actor { id } post { id } } } }`,
            variables: { after },
          },
          {
            next: ({ data, errors }) => {
              if (data?.friendsFeed) take(data);
              else if (errors) reject(new Error(JSON.stringify(errors)));
            },
            complete: resolve,
            error: reject,
          },
        );
      });
    } finally {
      clearTimeout(late);
      own.terminate();
      await own.dispose();
    }
  };

  const run = async (): Promise<void> => {
    for (let failures = 0; !ended.signal.aborted; ) {
      const before = delivered.length;
      try {
        await connect();
      } catch (error) {
        const why = error instanceof Error ? error.message : JSON.stringify(error);
        world.watch.trace('live lost', { to: person.handle, why });
      }
      failures = delivered.length > before ? 0 : failures + 1;
      await waitBeforeRetry(failures + 1, { firstMs: 50, maxMs: 1_500, signal: ended.signal });
    }
  };
  const running = run();
  return {
    person,
    delivered,
    closes,
    get connections() {
      return connections;
    },
    get isConnected() {
      return isConnected;
    },
    async stop() {
      ended.abort();
      client?.terminate();
      await client?.dispose();
      await running;
    },
  };
};
