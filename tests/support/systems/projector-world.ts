import { type Documents, openDocuments } from '@rookery/document-store';
import { type EventStore, openEventStore } from '@rookery/event-store';
import { type Feeds, openFeeds } from '@rookery/feeds';
import { openQueue, type Queue } from '@rookery/message-queue';
import { projectorSettings, startProjector } from '@rookery/projector';
import type { CheckpointDoc } from '@rookery/read-models';
import { projectionNames } from '@rookery/read-models/reducers';
import { createLog, readConfig } from '@rookery/runtime';
import { type Envelope, type RecordedEvent, writeEvent } from '@rookery/schema/events';
import { eventually } from '../eventually.ts';
import { databaseWithDocuments, type FreshServer, freshNats, freshRedis } from '../index.ts';

interface RunningProjector extends AsyncDisposable {
  readonly address: string;
  readonly metricsUrl: string;
}

/** Real stores and servers with whatever number of projectors on them; the test does what the recorder would do. */
export interface ProjectorWorld extends AsyncDisposable {
  readonly env: Readonly<Record<string, string>>;
  readonly redis: FreshServer;
  readonly nats: FreshServer;
  readonly documents: Documents;
  readonly feeds: Feeds;
  readonly queue: Queue;
  readonly eventStore: EventStore;
  /** Starts a projector in this process. */
  start(env?: Record<string, string>): Promise<RunningProjector>;
  /** Appends to the event store and relays; the events' own positions must follow on what is there. */
  record(events: readonly (RecordedEvent | Envelope)[]): Promise<void>;
  /** Resolves when these projections have applied everything that was recorded. */
  caughtUp(which?: readonly string[]): Promise<void>;
  /** Gives up the writer's lock: somebody else records from now on. */
  letGo(): Promise<void>;
  progress(): Promise<Map<string, CheckpointDoc>>;
}

export const projectorWorld = async ({
  documentsUrl,
  settings = {},
}: {
  documentsUrl?: string;
  settings?: Record<string, string>;
} = {}): Promise<ProjectorWorld> => {
  await using stack = new AsyncDisposableStack();
  const log = createLog('test', 'silent');
  const [database, nats, redis] = await Promise.all([databaseWithDocuments(), freshNats(), freshRedis()]);
  for (const server of [database, nats, redis]) stack.use(server);
  const env = {
    NODE_ENV: 'test',
    PROJECTOR_PORT: '0',
    PROJECTOR_METRICS_PORT: '0',
    POSTGRES_URL: database.url,
    DOCUMENTS_URL: documentsUrl ?? database.url,
    NATS_URL: nats.url,
    REDIS_URL: redis.url,
    ...settings,
  };
  const documents = await openDocuments(env.DOCUMENTS_URL, { log });
  stack.defer(() => documents.close());
  const feeds = openFeeds(env.REDIS_URL, { cap: 800, idleDays: 1, log });
  stack.defer(() => feeds.close());
  const eventStore = openEventStore(env.POSTGRES_URL, { log });
  stack.defer(() => eventStore.close());
  const queue = openQueue({ url: nats.url, replicas: 1, maxBytes: 64_000_000, ackTimeoutMs: 2_000, log });
  stack.defer(() => queue.close());
  for (const store of [documents, eventStore, queue]) {
    // A busy machine may not answer in the time that a store has.
    await eventually(() => store.prepare().then(() => true), { what: 'prepared stores' });
  }
  const writer = await eventStore.acquireWriter(new AbortController().signal);
  stack.defer(() => writer.release());
  const resources = stack.move();
  let recording: Promise<void> = Promise.resolve();

  const progress = async () => {
    const found = await documents.collection<CheckpointDoc>('progress').getMany(projectionNames);
    return new Map([...found].map(([id, { doc }]) => [id, doc]));
  };
  return {
    env,
    redis,
    nats,
    documents,
    feeds,
    queue,
    eventStore,
    progress,
    async start(more = {}) {
      const own = new AsyncDisposableStack();
      const config = readConfig(projectorSettings, { ...env, ...more });
      const log = createLog('projector', more.LOG_LEVEL ?? 'silent');
      const { url: address, metricsUrl } = await startProjector(config, log, own);
      const stop = () => own.disposeAsync();
      resources.defer(stop);
      return { address, metricsUrl, [Symbol.asyncDispose]: stop };
    },
    record(events) {
      const envelopes = events.map((one) => ('event' in one ? writeEvent(one.event) : one));
      // One after the other, as a recorder does: what waits for the one connection would use up its time there.
      const mine = recording.then(async () => {
        const { recorded } = await writer.append(envelopes);
        await queue.relay(recorded);
      });
      recording = mine.catch(() => {});
      return mine;
    },
    letGo: () => writer.release(),
    async caughtUp(which = projectionNames) {
      const head = await eventually(() => eventStore.head(), { what: 'the head of the event store' });
      await eventually(
        async () => {
          const now = await progress();
          return which.every((name) => (now.get(name)?.position ?? 0) >= head);
        },
        { what: `progress of ${which} to ${head}` },
      );
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
};
