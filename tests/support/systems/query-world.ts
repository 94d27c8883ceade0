import { type Documents, openDocuments } from '@rookery/document-store';
import { type Feeds, type LiveTopic, openFeeds } from '@rookery/feeds';
import { openQueue, type Queue } from '@rookery/message-queue';
import { querySettings, startQuery } from '@rookery/query';
import {
  type CountKind,
  countId,
  feedKey,
  projections,
  relationId,
  type Shapes,
  shareItemId,
} from '@rookery/read-models';
import { createLog, type Labels, newId, readConfig, readMetric, samplesOf } from '@rookery/runtime';
import { pullIterator } from '@rookery/runtime/iterators';
import { type Client, createClient } from 'graphql-ws';
import { expect } from 'vitest';
import { WebSocket } from 'ws';
import { eventuallyPasses } from '../eventually-passes.ts';
import {
  databaseWithDocuments,
  type FreshServer,
  freshNats,
  freshRedis,
  startGatewayKeys,
} from '../index.ts';
import { newPost, newPostItem, newRelation, newShareItem, newUser, timeOf } from './new-documents.ts';
import { untilInTime } from './stores-in-time.ts';

/** For whom something is asked, as the gateway would tell it. */
interface Asker {
  readonly viewer?: string | null;
  readonly readAfter?: readonly string[];
  /** Extensions that the gateway sends with a live stream. */
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** `D`: what the query beside it asks for. */
export interface Answer<D> {
  readonly data: D;
  readonly errors?: { message: string; extensions: { code: string; field?: string } }[];
  readonly extensions?: { stale?: boolean };
}

/** One message of a subscription, as it comes from the socket. */
interface LiveResult<D> {
  readonly data?: D | null;
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string } }[];
  readonly extensions?: { readonly checkpoint?: string };
}

export interface Connection<T> {
  readonly edges: readonly { readonly cursor: string; readonly node: T }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

export const codes = ({ errors }: Answer<unknown>): string[] | undefined =>
  errors?.map(({ extensions: { code, field } }) => (field ? `${code} ${field}` : code));

/** A query subgraph on real servers, and the documents, feeds and queue that the projector would write. */
/** Round trips to each store, and rows that the documents have returned. */
interface StoreCalls {
  readonly documents: number;
  readonly feeds: number;
  readonly rows: number;
}

export interface QueryWorld extends AsyncDisposable {
  readonly url: string;
  /** Address of its metrics, at /metrics. */
  readonly metricsUrl: string;
  /** Private key of the gateway that it knows. */
  readonly gatewayKeyFile: string;
  readonly env: Readonly<Record<string, string>>;
  readonly documents: Documents;
  readonly feeds: Feeds;
  readonly queue: Queue;
  readonly redis: FreshServer;
  readonly nats: FreshServer;
  /** The last position that was given to anything. */
  readonly head: number;
  nextPosition(): number;
  user(handle?: string): Promise<string>;
  /**
   * Adds a post with its feed item, which is broadcast if its author is marked; writes it to the feeds and raises the
   * progress only on request.
   */
  post(
    author: string,
    more?: { body?: string | undefined; inReplyTo?: string | undefined; position?: number },
  ): Promise<string>;
  share(actor: string, post: string): Promise<string>;
  relate(kind: 'likes' | 'follows', actor: string, object: string, active?: boolean): Promise<void>;
  count(kind: CountKind, id: string, n: number): Promise<void>;
  activity(id: string, doc: Shapes['activities']): Promise<void>;
  change<N extends keyof Shapes>(name: N, id: string, doc: Partial<Shapes[N]>): Promise<void>;
  /** Writes an item into the feeds that Redis holds of these readers. */
  fanOut(item: string, readers: readonly string[]): Promise<void>;
  /** Says that these projections (all by default) have applied everything up to a position (the head by default). */
  progress(position?: number, which?: readonly string[]): Promise<void>;
  raiseEpoch(): Promise<void>;
  hint(...topics: LiveTopic[]): Promise<void>;
  ask<D = Record<string, unknown>>(
    query: string,
    asker?: Asker,
    variables?: Record<string, unknown>,
  ): Promise<Answer<D>>;
  /** A socket as the gateway opens it. */
  socket(): Client;
  /** A subscription on it, for this viewer. */
  live<D = Record<string, unknown>>(
    socket: Client,
    query: string,
    asker?: Asker,
    variables?: Record<string, unknown>,
  ): AsyncIterableIterator<LiveResult<D>>;
  /** Sum of the samples of one metric that have these labels; 0 if there is none. */
  metric(name: string, labels?: Labels): Promise<number>;
  /** Calls to the stores since the start, without those that reading metrics makes: it asks how far the projections are. */
  storeCalls(): Promise<StoreCalls>;
  /** Resolves once exactly so many live subscriptions to a field are open. */
  open(field: 'friendsFeed' | 'post', n: number): Promise<unknown>;
  /** Returns whether Redis holds the feed of the reader, ready to be read. */
  holds(reader: string): Promise<boolean>;
  /** Returns the position up to which the feed of the reader in Redis holds the broadcasts. */
  feedUpTo(reader: string): Promise<number>;
}

export const startQueryWorld = async (env: Record<string, string> = {}): Promise<QueryWorld> => {
  await using undo = new AsyncDisposableStack();
  const log = createLog('query', 'silent');
  const database = undo.use(await databaseWithDocuments());
  const redis = undo.use(await freshRedis());
  const nats = undo.use(await freshNats());
  const keys = undo.use(await startGatewayKeys());
  const documentsUrl = env.DOCUMENTS_URL ?? database.url;
  const documents = undo.adopt(await openDocuments(documentsUrl, { log }), (d) => d.close());
  await documents.prepare();
  const feeds = undo.adopt(
    openFeeds(redis.url, { cap: Number(env.FEED_CAP ?? 50), idleDays: 14, log }),
    (f) => f.close(),
  );
  const queue = undo.adopt(
    openQueue({ url: nats.url, replicas: 1, maxBytes: 67_108_864, ackTimeoutMs: 1_500, log }),
    (q) => q.close(),
  );
  await queue.prepare();
  const settings = {
    QUERY_PORT: '0',
    QUERY_METRICS_PORT: '0',
    DOCUMENTS_URL: documentsUrl,
    REDIS_URL: redis.url,
    NATS_URL: nats.url,
    GATEWAY_KEYS_URL: keys.keysUrl,
    CURSOR_SECRET: 'c'.repeat(32),
    FEED_CAP: '50',
    READ_AFTER_TIMEOUT: '400',
    ...env,
  };
  const { url, metricsUrl } = await startQuery(readConfig(querySettings, settings), log, undo, {
    lingerMs: 0,
  });

  let head = 0;
  let epoch = 0;
  const nextPosition = () => ++head;
  const at = () => timeOf(head);

  /** Broadcasts an item, as the projector does, if its author is marked. */
  const broadcast = async (item: string, actor: string, position: number) => {
    const marked = await documents.collection<Shapes['authors']>('authors').getMany([actor]);
    if (marked.size > 0) await change('broadcasts', item, { actor, position });
  };

  const change: QueryWorld['change'] = (name, id, doc) =>
    untilInTime(async () => {
      const collection = documents.collection<object>(name);
      const before = (await collection.getMany([id])).get(id);
      const lost = await collection.putMany([
        { id, revision: before?.revision ?? 0, doc: { ...before?.doc, ...doc } },
      ]);
      if (lost.length > 0) throw new Error(`lost ${name}/${id}`);
    });
  const headersFor = ({ viewer = null, readAfter = [] }: Asker) =>
    keys.headers({ audience: 'query', viewer, readAfter });

  let scrapes = 0;
  let callsPerScrape: StoreCalls | undefined;
  const countedCalls = async (): Promise<StoreCalls> => {
    scrapes++;
    const text = await (await fetch(new URL('/metrics', metricsUrl))).text();
    const read = (name: string, store: 'documents' | 'feeds'): number =>
      samplesOf(text, name).find(({ labels }) => labels.store === store)?.value ?? 0;
    return {
      documents: read('rookery_query_store_calls_total', 'documents'),
      rows: read('rookery_query_store_rows_total', 'documents'),
      feeds: read('rookery_query_store_calls_total', 'feeds'),
    };
  };
  /** Measures the cost of reading the metrics by itself, while nothing else is read. */
  const measureScrape = async (): Promise<StoreCalls> => {
    const [before, after] = [await countedCalls(), await countedCalls()];
    return {
      documents: after.documents - before.documents,
      feeds: after.feeds - before.feeds,
      rows: after.rows - before.rows,
    };
  };
  const world = {
    url,
    metricsUrl,
    gatewayKeyFile: keys.keyFile,
    env: settings,
    documents,
    feeds,
    queue,
    redis,
    nats,
    get head() {
      return head;
    },
    nextPosition,
    change,

    async user(handle = `u_${newId().slice(-12)}`) {
      const [id, position] = [newId(), nextPosition()];
      await change('users', id, newUser({ id, handle, name: handle.toUpperCase(), position, at: at() }));
      return id;
    },
    async post(
      author: string,
      {
        body = 'hello',
        inReplyTo,
        position = nextPosition(),
      }: { body?: string | undefined; inReplyTo?: string | undefined; position?: number } = {},
    ) {
      const id = newId();
      await change('posts', id, newPost({ id, author, inReplyTo, body, position, at: at() }));
      await change('items', id, newPostItem({ actor: author, post: id, position, at: at() }));
      await broadcast(id, author, position);
      return id;
    },
    async share(actor: string, post: string) {
      const id = shareItemId(actor, post);
      const position = nextPosition();
      await change('items', id, newShareItem({ actor, post, position, at: at() }));
      await broadcast(id, actor, position);
      return id;
    },
    async relate(kind: 'likes' | 'follows', actor: string, object: string, active = true) {
      const position = nextPosition();
      await change(
        kind,
        relationId(actor, object),
        newRelation({ actor, object, active, position, at: at() }),
      );
    },
    count: (kind: CountKind, id: string, n: number) => change('counts', countId(kind, id), { n }),
    activity: (id: string, doc: Shapes['activities']) => change('activities', id, doc),
    async fanOut(item: string, readers: readonly string[]) {
      const found = (await documents.collection<Shapes['items']>('items').getMany([item])).get(item);
      const position = found?.doc.position ?? 0;
      await feeds.add(
        readers.map((reader) => feedKey(reader, epoch)),
        { itemId: item, position },
      );
    },
    async progress(position = head, which: readonly string[] = projections) {
      await Promise.all(
        which.map((name) =>
          change('progress', name, { position, at: at(), epoch: name === 'feeds' ? epoch : 0 }),
        ),
      );
      await feeds.hint(new Map([['progress', {}]])).catch(() => {});
    },
    async raiseEpoch() {
      epoch += 1;
      await change('progress', 'feeds', { epoch });
    },
    hint: (...topics: LiveTopic[]) => feeds.hint(new Map(topics.map((topic) => [topic, {}]))),
    async ask<D>(query: string, asker: Asker = {}, variables: Record<string, unknown> = {}) {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: await headersFor(asker),
        body: JSON.stringify({ query, variables }),
      });
      return (await response.json()) as Answer<D>;
    },
    socket: () =>
      createClient({
        url: `${url.replace('http', 'ws')}/graphql`,
        webSocketImpl: WebSocket,
        retryAttempts: 0,
        connectionParams: () => headersFor({}),
      }),
    live<D>(socket: Client, query: string, asker: Asker = {}, variables: Record<string, unknown> = {}) {
      // Its token must be signed first, which takes a promise; whoever asks for an event waits for it.
      const events = headersFor(asker).then((headers) =>
        socket.iterate({ query, variables, extensions: { ...asker.extensions, ...headers } }),
      ) as Promise<Required<AsyncIterableIterator<LiveResult<D>>>>;
      events.catch(() => {});
      return pullIterator(
        async () => {
          const { value, done } = await (await events).next();
          return done ? undefined : (value as LiveResult<D>);
        },
        { onEnd: async () => void (await (await events).return()) },
      );
    },
    open: (field: string, n: number) =>
      eventuallyPasses(async () =>
        expect(await world.metric('rookery_query_live_subscriptions', { field })).toBe(n),
      ),
    holds: async (reader: string) => (await feeds.entriesBefore(feedKey(reader, epoch), undefined, 1)).ready,
    feedUpTo: async (reader: string) =>
      (await feeds.entriesBefore(feedKey(reader, epoch), undefined, 1)).upTo,
    metric: async (name: string, labels?: Labels) => {
      scrapes++;
      return (await readMetric(metricsUrl, name, labels)) ?? 0;
    },
    storeCalls: async (): Promise<StoreCalls> => {
      callsPerScrape ??= await measureScrape();
      const { documents, feeds, rows } = await countedCalls();
      return {
        documents: documents - scrapes * callsPerScrape.documents,
        feeds: feeds - scrapes * callsPerScrape.feeds,
        rows: rows - scrapes * callsPerScrape.rows,
      };
    },
  };
  const resources = undo.move();
  return Object.assign(world, { [Symbol.asyncDispose]: () => resources.disposeAsync() });
};
