import { setTimeout } from 'node:timers/promises';
import type { Documents } from '@rookery/document-store';
import type { Feeds, LiveTopic } from '@rookery/feeds';
import type { ItemDoc, RelationDoc } from '@rookery/read-models';
import type { Projection } from '@rookery/read-models/reducers';
import type { Logger } from '@rookery/runtime';
import type { Applied } from './apply.ts';
import {
  type FeedChanges,
  FeedWriteRefusedError,
  type FeedWriter,
  type Told,
  toRedis,
  writeFollows,
  writeItems,
} from './feed-writes.ts';
import { findHighFanOutAuthors } from './high-fan-out-authors.ts';
import { type Hints, noHints } from './hints.ts';
import { changeProgress, readProgress } from './progress-document.ts';

/** Writes items and follows whose documents are durable to the feeds of the followers. */
export type FanOut = (applied: readonly Applied[]) => Promise<Hints>;

export interface FanOutOptions {
  readonly documents: Documents;
  readonly feeds: Feeds;
  /** Value of FEED_CAP. */
  readonly cap: number;
  /** Value of FANOUT_LIMIT. */
  readonly limit: number;
  /** Id of the checkpoint document that holds the epoch of these feeds. Default: `feeds`. */
  readonly progress?: string;
  readonly log: Logger;
  /** Called each time that Redis did not accept a batch. */
  readonly onMissed?: () => void;
}

/** Projection whose checkpoint holds the epoch. */
const feedsProjection: Projection['name'] = 'feeds';
/** Delays between attempts if Redis worked just before. Milliseconds. */
const retryDelaysMs = [100, 400];

/**
 * Creates the part of the projection `feeds` that writes to Redis (docs/explanation/read-models.md, Feeds). It never fails
 * because Redis is down: if Redis does not accept a batch, the epoch is raised, and the feeds are filled
 * again from the documents.
 */
export const createFanOut = ({
  documents,
  feeds,
  cap,
  limit,
  progress = feedsProjection,
  log,
  onMissed,
}: FanOutOptions): FanOut => {
  let well = true;

  const write = async (changes: FeedChanges, writer: FeedWriter): Promise<Told> => {
    if (!well) await toRedis(feeds.ping());
    const told = await writeItems(writer, changes.items);
    await writeFollows(writer, changes.follows);
    for (
      let open = await switchedSince(documents, changes);
      open;
      open = await switchedSince(documents, open)
    ) {
      await writeItems(writer, open.items);
      await writeFollows(writer, open.follows);
    }
    if (!well) log.info({ epoch: writer.epoch }, 'Redis accepts feed writes again');
    well = true;
    return told;
  };

  const writeOrMiss = async (changes: FeedChanges, writer: FeedWriter): Promise<Told> => {
    for (const wait of well ? [...retryDelaysMs, undefined] : [undefined]) {
      try {
        return await write(changes, writer);
      } catch (error) {
        if (!(error instanceof FeedWriteRefusedError)) throw error;
        if (wait === undefined) await miss(writer.epoch, error);
        else await setTimeout(wait);
      }
    }
    return new Map();
  };

  /** Invalidates every feed that may now be incomplete. Another worker may have done it already. */
  const miss = async (epoch: number, error: unknown): Promise<void> => {
    const now = await changeProgress(documents, progress, (doc) =>
      doc.epoch === epoch ? { epoch: epoch + 1 } : undefined,
    );
    log[well ? 'error' : 'debug'](
      { error, epoch: now.epoch },
      'Redis does not accept feed writes; feeds will be filled again from the documents',
    );
    well = false;
    onMissed?.();
  };

  return async (applied) => {
    const changes = {
      items: docsOf<ItemDoc>(applied, 'items'),
      follows: docsOf<RelationDoc>(applied, 'follows'),
    };
    if (changes.items.size + changes.follows.size === 0) return noHints;
    const writing = new Set([...changes.items.values()].flatMap(({ actor }) => actor ?? []));
    const followed = new Set([...changes.follows.values()].map(({ object }) => object));
    // Both are read after the documents are written: feeds of an epoch that is raised later find the
    // documents.
    const [{ epoch }, { big, grown }] = await Promise.all([
      readProgress(documents, progress),
      findHighFanOutAuthors(documents, limit, writing, followed),
    ]);
    const told = await writeOrMiss(changes, { documents, feeds, cap, epoch, big });

    // Readers who do not know yet that they must merge this author only listen to the topic of their own
    // feed.
    const broadcastAuthors = new Set(grown);
    const topics = new Set<LiveTopic>();
    for (const { actor } of changes.follows.values()) topics.add(`feed:${actor}`);
    for (const author of writing) if (big.has(author)) topics.add(`author:${author}`);
    for (const [author, readers] of told) {
      if (readers) for (const reader of readers) topics.add(`feed:${reader}`);
      else broadcastAuthors.add(author);
    }
    return { topics, broadcastAuthors };
  };
};

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
