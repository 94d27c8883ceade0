import { setTimeout } from 'node:timers/promises';
import type { Documents } from '@rookery/document-store';
import type { Feeds, LiveTopic } from '@rookery/feeds';
import type { ItemDoc, RelationDoc } from '@rookery/read-models';
import type { Projection } from '@rookery/read-models/reducers';
import type { Logger } from '@rookery/runtime';
import type { Applied } from './apply.ts';
import { FeedWriteRefusedError, toRedis } from './audiences.ts';
import { writeBroadcasts } from './broadcasts.ts';
import { readCheckpoint, updateCheckpoint } from './checkpoint.ts';
import { type FeedChanges, type FeedWriter, writeFollows, writeItems } from './feed-writes.ts';
import { findHighFanOutAuthors } from './high-fan-out-authors.ts';
import { type Hints, noHints } from './hints.ts';

/** Writes items and follows whose documents are durable to the feeds of the followers. */
export type FanOut = (applied: readonly Applied[]) => Promise<Hints>;

export interface FanOutOptions {
  readonly documents: Documents;
  readonly feeds: Feeds;
  /** Value of FEED_CAP. */
  readonly cap: number;
  /** Value of FANOUT_LIMIT. */
  readonly limit: number;
  /** Number of held feeds from which an author's items are merged at read. Default: 2,500, some 20 ms of Redis. */
  readonly maxFeeds?: number;
  /** Id of the checkpoint document that holds the epoch of these feeds. Default: `feeds`. */
  readonly progress?: string;
  readonly log: Logger;
  /** Called each time that Redis did not accept a batch. */
  readonly onMissed?: () => void;
}

/** Projection whose checkpoint holds the epoch. */
const feedsProjection: Projection['name'] = 'feeds';
const defaultMaxFeeds = 2_500;
/** Delays between attempts if Redis worked just before. */
const retryDelaysMs = [100, 400];

/**
 * Creates the part of the projection `feeds` that writes to Redis (docs/explanation/read-models.md, Feeds). It never fails
 * because Redis is down: if Redis does not accept a batch, the epoch is raised, and the feeds are filled
 * again from the documents.
 */
export const createFanOut = (options: FanOutOptions): FanOut => {
  const writer = new PatientFeedWriter(options);
  return async (applied) => {
    const changes = {
      items: docsOf<ItemDoc>(applied, 'items'),
      follows: docsOf<RelationDoc>(applied, 'follows'),
    };
    if (changes.items.size + changes.follows.size === 0) return noHints;
    return fanOut(options, writer, changes);
  };
};

const fanOut = async (
  { documents, feeds, cap, limit, maxFeeds = defaultMaxFeeds, progress = feedsProjection }: FanOutOptions,
  writer: PatientFeedWriter,
  changes: FeedChanges,
): Promise<Hints> => {
  const writing = new Set([...changes.items.values()].flatMap(({ actor }) => actor ?? []));
  const followed = new Set([...changes.follows.values()].map(({ object }) => object));
  // Both are read after the documents are written: feeds of an epoch that is raised later find the documents.
  const [{ epoch }, { highFanOut, grown }] = await Promise.all([
    readCheckpoint(documents, progress),
    findHighFanOutAuthors(documents, limit, writing, followed),
  ]);
  const broadcast = (items: FeedChanges['items'], authors: ReadonlySet<string>) =>
    writeBroadcasts(documents, progress, items, authors);
  await broadcast(changes.items, highFanOut);
  const told = await writer.write(changes, {
    ...{ documents, feeds, cap, maxFeeds, epoch, highFanOut, grown },
    broadcast,
  });

  // Readers who do not know yet that they must merge an author only listen to the topic of their own feed.
  const topics = new Set<LiveTopic>();
  for (const { actor } of changes.follows.values()) topics.add(`feed:${actor}`);
  for (const author of writing) {
    // The author's own friends feed has the item, too.
    topics.add(`feed:${author}`);
    if (highFanOut.has(author)) topics.add(`author:${author}`);
  }
  for (const reader of told) topics.add(`feed:${reader}`);
  return { topics };
};

/** Writes changes to the feeds. If Redis does not accept them, it invalidates the feeds. */
class PatientFeedWriter {
  readonly #options: FanOutOptions;
  /** True if Redis accepted the last changes. */
  #isWell = true;

  constructor(options: FanOutOptions) {
    this.#options = options;
  }

  /** Returns the readers to notify. */
  async write(changes: FeedChanges, writer: FeedWriter): Promise<ReadonlySet<string>> {
    const delaysMs = this.#isWell ? retryDelaysMs : [];
    for (let tries = 0; ; tries++) {
      try {
        return await this.#tryWrite(changes, writer);
      } catch (error) {
        if (!(error instanceof FeedWriteRefusedError)) throw error;
        const delayMs = delaysMs[tries];
        if (delayMs === undefined) {
          await this.#invalidate(writer.epoch, error);
          return new Set();
        }
        await setTimeout(delayMs);
      }
    }
  }

  async #tryWrite(changes: FeedChanges, writer: FeedWriter): Promise<ReadonlySet<string>> {
    const { documents, feeds, log } = this.#options;
    if (!this.#isWell) await toRedis(feeds.ping());
    const told = new Set<string>();
    for (let open: FeedChanges | undefined = changes; open; ) {
      const { told: readers, docs: items } = await writeItems(writer, open.items);
      const { docs: follows } = await writeFollows(writer, open.follows);
      for (const reader of readers) told.add(reader);
      open = await switchedSince(documents, { items, follows });
    }
    if (!this.#isWell) log.info({ epoch: writer.epoch }, 'Redis accepts feed writes again');
    this.#isWell = true;
    return told;
  }

  /** Invalidates every feed that may now be incomplete. Another worker may have done it already. */
  async #invalidate(epoch: number, error: unknown): Promise<void> {
    const { documents, progress = feedsProjection, log, onMissed } = this.#options;
    const now = await updateCheckpoint(documents, progress, (doc) =>
      doc.epoch === epoch ? { epoch: epoch + 1 } : undefined,
    );
    log[this.#isWell ? 'error' : 'debug'](
      { error, epoch: now.epoch },
      'Redis does not accept feed writes; feeds will be filled again from the documents',
    );
    this.#isWell = false;
    onMissed?.();
  }
}

const docsOf = <Doc>(
  applied: readonly Applied[],
  collection: 'items' | 'follows',
): ReadonlyMap<string, Doc> =>
  (applied.find(({ merge }) => merge.collection === collection)?.docs ?? new Map()) as ReadonlyMap<
    string,
    Doc
  >;

/**
 * Returns the relations that another worker switched after this worker read them: its feed write may have
 * come first, which makes ours outdated.
 */
const switchedSince = async (
  documents: Documents,
  { items, follows }: FeedChanges,
): Promise<FeedChanges | undefined> => {
  const switched = async <Doc extends { active: boolean; position: number | null; changed?: number }>(
    name: 'items' | 'follows',
    written: ReadonlyMap<string, Doc>,
  ) => {
    const now = await documents.collection<Doc>(name).getMany([...written.keys()]);
    return new Map(
      [...now].flatMap(([id, { doc }]) => {
        const before = written.get(id);
        const same =
          before?.active === doc.active && before.position === doc.position && before.changed === doc.changed;
        return same ? [] : [[id, doc] as const];
      }),
    );
  };
  const [changedItems, changedFollows] = await Promise.all([
    switched('items', items),
    switched('follows', follows),
  ]);
  if (changedItems.size + changedFollows.size === 0) return undefined;
  return { items: changedItems, follows: changedFollows };
};
