import { querySettings, startQuery } from '@rookery/query';
import { createLog, newId, readConfig } from '@rookery/runtime';
import { type EventData, type EventName, makeEvent, writeEvent } from '@rookery/schema/events';
import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { startGatewayKeys } from '../support/index.ts';
import { projectorWorld } from '../support/systems/projector-world.ts';

/** Item of a feed, as a client sees it. */
export interface Item {
  readonly id: string;
  readonly actor: { readonly id: string };
  readonly post: { readonly id: string; readonly body: string };
  readonly sharers: readonly { readonly id: string }[];
}
/** Event of a feed, as a client is told it. */
export interface Told {
  readonly cursor: string;
  readonly kind: 'ADDED' | 'CHANGED' | 'REMOVED' | 'RELOAD';
  readonly item: Item | null;
  readonly post: Item['post'] | null;
  readonly itemId: string | null;
  readonly postId: string | null;
  readonly actorId: string | null;
}
const itemFields = '{ id actor { id } post { id body } sharers { id } }';
export const feedEventsQuery = `subscription ($after: String) { friendsFeedEvents(after: $after) {
  cursor kind item ${itemFields} post { id body } itemId postId actorId } }`;

/**
 * Starts projector and query subgraph on the same stores: events in, what a client is told out.
 * @param options.livePollMs time after which a subscription looks without a hint
 */
export const startFeedEvents = async (options: { readonly livePollMs?: number } = {}) => {
  await using stack = new AsyncDisposableStack();
  const world = stack.use(await projectorWorld({ settings: { FANOUT_LIMIT: '3' } }));
  await world.start();
  const keys = stack.use(await startGatewayKeys());
  const config = readConfig(querySettings, {
    ...world.env,
    QUERY_PORT: '0',
    QUERY_METRICS_PORT: '0',
    GATEWAY_KEYS_URL: keys.keysUrl,
    CURSOR_SECRET: 'c'.repeat(32),
  });
  const query = stack.use(new AsyncDisposableStack());
  const { url } = await startQuery(config, createLog('query', 'silent'), query, {
    lingerMs: 0,
    ...options,
  });
  const resources = stack.move();
  const headersFor = (viewer: string | null) => keys.headers({ audience: 'query', viewer });

  const ask = async <D>(viewer: string, query: string): Promise<D> => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: await headersFor(viewer),
      body: JSON.stringify({ query }),
    });
    const { data, errors } = (await response.json()) as { data?: D; errors?: unknown };
    if (!data || errors) throw new Error(JSON.stringify(errors));
    return data;
  };
  /** A socket as the gateway opens it. */
  const openSocket = (): Client =>
    createClient({
      url: `${url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      connectionParams: () => headersFor(null),
    });
  /** Results of any subscription; ends with its consumer. */
  const subscribe = async function* <D>(
    socket: Client,
    viewer: string,
    query: string,
    variables: Record<string, unknown>,
  ): AsyncGenerator<D, void, void> {
    const extensions = await headersFor(viewer);
    for await (const { data, errors } of socket.iterate<D>({ query, variables, extensions })) {
      if (!data) throw new Error(JSON.stringify(errors));
      yield data;
    }
  };

  return {
    world,

    ask,

    async readFeed(viewer: string) {
      const { friendsFeed } = await ask<{
        friendsFeed: { edges: { node: Item }[]; pageInfo: { startCursor: string } };
      }>(viewer, `{ friendsFeed(first: 100) { edges { node ${itemFields} } pageInfo { startCursor } } }`);
      return {
        items: friendsFeed.edges.map(({ node }) => node),
        startCursor: friendsFeed.pageInfo.startCursor,
      };
    },

    /** Events of a subscription from a cursor on; ends with its consumer. */
    async *eventsAfter(viewer: string, after: string): AsyncGenerator<Told, void, void> {
      const socket = openSocket();
      try {
        const results = subscribe<{ friendsFeedEvents: Told }>(socket, viewer, feedEventsQuery, { after });
        for await (const { friendsFeedEvents } of results) yield friendsFeedEvents;
      } finally {
        await socket.dispose();
      }
    },

    openSocket,

    subscribe,

    /** A reader who follows two people; a stranger whom they don't. `big`: of a friend with too many followers to be written to feeds. */
    async cast({ big = false } = {}) {
      const signUps = Array.from({ length: 7 }, signUp);
      const [reader, ada, bob, stranger, ...others] = signUps.map(({ id }) => id) as [
        string,
        string,
        string,
        string,
        ...string[],
      ];
      const crowd = big ? others.map((other) => follow(other, ada)) : [];
      await world.record([...signUps, ...crowd, follow(reader, ada), follow(reader, bob)]);
      await world.caughtUp();
      return { reader, ada, bob, stranger };
    },

    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
};

export type FeedEvents = Awaited<ReturnType<typeof startFeedEvents>>;

export const take = async <T>(events: AsyncGenerator<T>): Promise<T> => {
  const { value, done } = await events.next();
  if (done) throw new Error('the subscription ended');
  return value;
};

let clock = Date.UTC(2026, 0, 1);
export const happened = <N extends EventName>(
  name: N,
  actor: string,
  subject: string,
  data: EventData<N>,
  id = newId(),
) => writeEvent(makeEvent({ name, id, subject, actor, time: new Date(++clock).toISOString(), data }));
export const signUp = () => {
  const id = newId();
  const handle = `u_${id.slice(-12).replaceAll('-', '')}`;
  return happened('rookery.user.signed-up', id, id, { handle, name: 'Somebody' }, id);
};
export const publish = (
  actor: string,
  body = 'first',
  inReplyTo?: string,
  more: Partial<EventData<'rookery.post.published'>> = {},
) => {
  const id = newId();
  const data = { body, ...(inReplyTo ? { inReplyTo } : {}), ...more };
  return happened('rookery.post.published', actor, id, data, id);
};
export const edit = (actor: string, post: string, body: string) =>
  happened('rookery.post.edited', actor, post, { body });
export const about = (
  name:
    | ('rookery.post.deleted' | 'rookery.post.shared' | 'rookery.post.unshared')
    | ('rookery.post.quote-revoked' | 'rookery.post.reply-hidden' | 'rookery.post.reply-unhidden'),
  actor: string,
  post: string,
) => happened(name, actor, post, {});
export const follow = (actor: string, user: string) => happened('rookery.user.followed', actor, user, {});
export const unfollow = (actor: string, user: string) => happened('rookery.user.unfollowed', actor, user, {});
export const block = (actor: string, user: string) => happened('rookery.user.blocked', actor, user, {});
export const mute = (actor: string, user: string) => happened('rookery.user.muted', actor, user, {});
export const unmute = (actor: string, user: string) => happened('rookery.user.unmuted', actor, user, {});
export const hideShares = (actor: string, user: string) =>
  happened('rookery.user.shares-hidden', actor, user, {});
export const showShares = (actor: string, user: string) =>
  happened('rookery.user.shares-shown', actor, user, {});
export const choose = (
  actor: string,
  part: EventData<'rookery.user.friends-feed-set'>['part'],
  isShown: boolean,
) => happened('rookery.user.friends-feed-set', actor, actor, { part, isShown });
export const unblock = (actor: string, user: string) => happened('rookery.user.unblocked', actor, user, {});
