import type { Documents } from '@rookery/document-store';
import { type BulkWriter, type EventStore, openBulkWriter } from '@rookery/event-store';
import type { Queue } from '@rookery/message-queue';
import { type AccountDatabase, createPasswords, insertRecordedAccounts } from '@rookery/mutation/accounts';
import { rebuild } from '@rookery/projector';
import { projectionNames } from '@rookery/read-models/reducers';
import type { Logger } from '@rookery/runtime';
import type { Envelope } from '@rookery/schema/events';
import type { Network } from './network.ts';

export interface BulkLoadOptions {
  readonly network: Network;
  /** Password of every account. */
  readonly password: string;
  /** Address of the event store. */
  readonly url: string;
  readonly eventStore: EventStore;
  readonly accounts: Pick<AccountDatabase, 'prepare' | 'query'>;
  readonly documents: Documents;
  readonly queue: Pick<Queue, 'prepare' | 'skipRecorded'>;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Number of events that are appended at a time. Default 2,000. */
  readonly batchSize?: number;
  /** Number of events in a new partition of the event store. */
  readonly partitionSize?: number;
  readonly onProgress?: (phase: LoadPhase, done: number, of: number) => void;
}

type LoadPhase = 'events' | 'read models';

export interface BulkLoaded {
  /** Number of events of the network, including those of an earlier run. */
  readonly events: number;
  /** The same by type. */
  readonly eventsOf: ReadonlyMap<string, number>;
  /** Ids of people by handle. */
  readonly people: ReadonlyMap<string, string>;
  /** Last position of the event store. */
  readonly position: number;
  /** Duration of each phase in seconds; `build` is the part of the read models without the waits of the swap. */
  readonly seconds: Readonly<Record<LoadPhase | 'build', number>>;
}

/**
 * Writes a network into the event store and the accounts, and builds the read models in bulk. It may run beside a running
 * system: the recorder is a standby until the end, accepted writes wait in the queue, and the old read models are read until
 * the new ones are complete. If it is interrupted, the recorder relays what is in the event store, and the same call
 * resumes.
 * @throws Error if some of the handles belong to others
 */
export const loadNetwork = async (options: BulkLoadOptions): Promise<BulkLoaded> => {
  const { url, eventStore, documents, queue, log, partitionSize, onProgress } = options;
  await Promise.all([queue.prepare(), eventStore.prepare(), documents.prepare()]);
  const lost = new AbortController();
  const signal = AbortSignal.any([options.signal, lost.signal]);
  await using writer = await openBulkWriter(url, {
    log,
    signal,
    ...(partitionSize === undefined ? {} : { partitionSize }),
  });
  void writer.lost.then((why) => lost.abort(why));

  const start = performance.now();
  const appended = await appendNetwork(options, writer, signal);
  const appendedAt = performance.now();
  const { position } = writer;
  let builtAt: number | undefined;
  const { failed } = await rebuild({
    documents,
    eventStore,
    projections: projectionNames,
    signal,
    onProgress: ({ phase, position: at, head }) => {
      // The catch-up begins when everything is built.
      if (phase === 'catch-up') builtAt ??= performance.now();
      onProgress?.('read models', at, head);
    },
  });
  if (failed.length > 0) throw new Error(`events could not be applied, the first at position ${failed[0]}`);
  // The checkpoints are there already: after a kill in between, RECORDED only repeats what is applied.
  const [last] = await eventStore.read(position - 1, 1);
  if (last) await queue.skipRecorded(last);
  return {
    ...appended,
    position,
    seconds: {
      events: (appendedAt - start) / 1_000,
      'read models': (performance.now() - appendedAt) / 1_000,
      build: ((builtAt ?? performance.now()) - appendedAt) / 1_000,
    },
  };
};

/** Writes a network into the event store and the accounts. An interrupted call is resumed by the same one. */
export const appendNetwork = async (
  {
    network,
    password,
    eventStore,
    accounts,
    batchSize = 2_000,
    onProgress,
  }: Pick<BulkLoadOptions, 'password' | 'eventStore' | 'accounts' | 'batchSize' | 'onProgress'> & {
    readonly network: Pick<Network, 'batches' | 'expectedEvents'>;
  },
  writer: BulkWriter,
  signal: AbortSignal,
): Promise<Pick<BulkLoaded, 'events' | 'eventsOf' | 'people'>> => {
  await accounts.prepare();
  const passwordHash = await (await createPasswords()).hash(password);
  const people = new Map<string, string>();
  /** A batch is written as a whole, so one of its events tells of all. Once one is missing, so are all later ones. */
  let isResuming = true;
  const isRecorded = async (batch: readonly Envelope[]): Promise<boolean> => {
    isResuming &&= (await eventStore.byId(batch[0]?.id ?? '')) !== undefined;
    return isResuming;
  };
  let events = 0;
  const eventsOf = new Map<string, number>();
  let writing: Promise<unknown> = Promise.resolve();
  for (const batch of network.batches(batchSize)) {
    signal.throwIfAborted();
    const accountsOfBatch = batch
      .filter(({ type }) => type.startsWith('rookery.user.signed-up.'))
      .map(accountOf);
    for (const { id, handle } of accountsOfBatch) people.set(handle, id);
    const isNew = !(await isRecorded(batch));
    // The accounts first: they fail if the handles belong to others. The next batch is made while this one is written.
    await Promise.all([insertRecordedAccounts(accounts, accountsOfBatch, passwordHash), writing]);
    if (isNew) writing = writer.append(batch);
    writing.catch(() => {});
    for (const { type } of batch) eventsOf.set(type, (eventsOf.get(type) ?? 0) + 1);
    events += batch.length;
    onProgress?.('events', events, network.expectedEvents);
  }
  await writing;
  return { events, eventsOf, people };
};

const accountOf = ({ id, time, data }: Envelope) => ({
  id,
  handle: (data as { readonly handle: string }).handle,
  joinedAt: time,
});
