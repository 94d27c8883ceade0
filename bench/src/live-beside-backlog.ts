import { openDocuments } from '@rookery/document-store';
import { openEventStore } from '@rookery/event-store';
import { openQueue } from '@rookery/message-queue';
import { updateCheckpoint } from '@rookery/projector';
import { projections } from '@rookery/read-models';
import { createHistory } from '@rookery/tests/history';
import type { FreshServer } from '@rookery/tests/support';
import { Redis } from 'ioredis';
import { type Latencies, latencies, until } from './measure.ts';
import { quiet } from './quiet-log.ts';

export interface LiveBesideBacklog {
  /** Time from recording an event to the new checkpoint of `posts`, while `reactions` works off a backlog. */
  readonly beside: Latencies;
  /** The same afterwards. */
  readonly alone: Latencies;
}

interface Servers {
  readonly postgres: FreshServer;
  readonly nats: FreshServer;
  readonly redis: FreshServer;
}

/** Projection with the backlog, and one without. */
const late = 'reactions';
const live = 'posts';
const batch = 1_000;
const rounds = 100;
const minRounds = 10;

/**
 * Measures how soon one projection applies new events while another one has a backlog. All projections must have applied
 * everything that is recorded, and no projector may be running.
 * @param start starts a projector
 */
export const measureLiveBesideBacklog = async (
  { postgres, nats, redis }: Servers,
  events: number,
  start: () => AsyncDisposable,
): Promise<LiveBesideBacklog> => {
  await using open = new AsyncDisposableStack();
  const documents = await openDocuments(postgres.url, { log: quiet });
  open.defer(() => documents.close());
  const store = openEventStore(postgres.url, { log: quiet });
  open.defer(() => store.close());
  const queue = openQueue({ url: nats.url, replicas: 1, maxBytes: 4e9, ackTimeoutMs: 5_000, log: quiet });
  open.defer(() => queue.close());
  await queue.prepare();
  const writer = await store.acquireWriter(new AbortController().signal);
  open.defer(() => writer.release());
  const history = createHistory({ users: Math.ceil(events / 100) });
  const record = async (count: number): Promise<number> => {
    const { recorded } = await writer.append(history.next(count));
    await queue.relay(recorded);
    return recorded.at(-1)?.position ?? 0;
  };

  for (let done = 0; done < events; done += batch) await record(batch);
  // As if all others had applied it.
  const head = await store.head();
  for (const projection of projections.filter((name) => name !== late)) {
    const batches = await queue.recorded(projection, batch);
    for await (const deliveries of batches) {
      for (const delivery of deliveries) delivery.ack();
      if ((deliveries.at(-1)?.sequence ?? 0) >= head) break;
    }
    await updateCheckpoint(documents, projection, () => ({ position: head }));
  }

  const checkpoints = new Map<string, number>();
  const waiting = new Set<() => void>();
  const subscriber = open.adopt(new Redis(redis.url), (client) => client.disconnect());
  subscriber.on('message', (_channel, message: string) => {
    const { projection, checkpoint } = JSON.parse(message) as {
      readonly projection: string;
      readonly checkpoint: { readonly position: number };
    };
    checkpoints.set(projection, checkpoint.position);
    for (const look of waiting) look();
  });
  await subscriber.subscribe('live:progress');
  const reached = (position: number): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if ((checkpoints.get(live) ?? 0) < position) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  const isLate = (): boolean => (checkpoints.get(late) ?? 0) < head;
  const measure = async (goesOn: () => boolean): Promise<Latencies> => {
    const times: number[] = [];
    const began = performance.now();
    while (times.length < rounds && goesOn()) {
      const sent = performance.now();
      await reached(await record(1));
      times.push(performance.now() - sent);
    }
    if (times.length < minRounds) throw new Error('the backlog was too small: pass more --events');
    return latencies(times, (performance.now() - began) / 1_000);
  };

  await using _projector = start();
  await reached(await record(1));
  const beside = await measure(isLate);
  await until('the backlog is gone', 900_000, async () => !isLate());
  return { beside, alone: await measure(() => true) };
};
