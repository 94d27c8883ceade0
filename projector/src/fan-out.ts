import { setTimeout } from 'node:timers/promises';
import type { Logger } from '@rookery/service';
import type { Documents, ItemDoc, RelationDoc } from '@rookery/stores/documents';
import type { Feeds, LiveTopic } from '@rookery/stores/feeds';
import type { Applied } from './apply.ts';
import { bigAuthors } from './big-authors.ts';
import {
  type FeedChanges,
  type FeedWriter,
  NotTaken,
  type Told,
  toRedis,
  writeFollows,
  writeItems,
} from './feed-writes.ts';
import { type Hints, noHints } from './hints.ts';
import { changeProgress, readProgress } from './progress-document.ts';
import type { Projection } from './projections/index.ts';

/** Carries items and follows whose documents are durable on to the feeds of those who follow. */
export type FanOut = (applied: readonly Applied[]) => Promise<Hints>;

export interface FanOutOptions {
  readonly documents: Documents;
  readonly feeds: Feeds;
  /** FEED_CAP */
  readonly cap: number;
  /** FANOUT_LIMIT */
  readonly limit: number;
  /** The progress document that carries the epoch of these feeds. Default: `feeds`. */
  readonly progress?: string;
  readonly log: Logger;
  /** Told each time that Redis did not take a batch. */
  readonly onMissed?: () => void;
}

/** Whose progress carries the epoch. */
const feedsProjection: Projection['name'] = 'feeds';
/** Waits between tries while Redis was well just before, in milliseconds. */
const patience = [100, 400];

/**
 * The part of the projection `feeds` that goes to Redis (docs/design.md, Feeds). It never fails for want of Redis:
 * what Redis does not take raises the epoch, and the feeds are filled anew from the documents.
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
    if (!well) log.info({ epoch: writer.epoch }, 'Redis takes feeds again');
    well = true;
    return told;
  };

  const writeOrMiss = async (changes: FeedChanges, writer: FeedWriter): Promise<Told> => {
    for (const wait of well ? [...patience, undefined] : [undefined]) {
      try {
        return await write(changes, writer);
      } catch (error) {
        if (!(error instanceof NotTaken)) throw error;
        if (wait === undefined) await miss(writer.epoch, error);
        else await setTimeout(wait);
      }
    }
    return new Map();
  };

  /** Leaves behind every feed that may lack something now. Somebody else may have done it meanwhile. */
  const miss = async (epoch: number, error: unknown): Promise<void> => {
    const now = await changeProgress(documents, progress, (doc) =>
      doc.epoch === epoch ? { epoch: epoch + 1 } : undefined,
    );
    log[well ? 'error' : 'debug'](
      { error, epoch: now.epoch },
      'Redis does not take feeds: they will be filled anew',
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
    // Both after the documents: an epoch that is raised later is one whose feeds find the documents already there.
    const [{ epoch }, { big, grown }] = await Promise.all([
      readProgress(documents, progress),
      bigAuthors(documents, limit, writing, followed),
    ]);
    const told = await writeOrMiss(changes, { documents, feeds, cap, epoch, big });

    // Readers who don't know yet that this author is merged at read listen to their own feed's topic only.
    const crowds = new Set(grown);
    const topics = new Set<LiveTopic>();
    for (const { actor } of changes.follows.values()) topics.add(`feed:${actor}`);
    for (const author of writing) if (big.has(author)) topics.add(`author:${author}`);
    for (const [author, readers] of told) {
      if (readers) for (const reader of readers) topics.add(`feed:${reader}`);
      else crowds.add(author);
    }
    return { topics, crowds };
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
 * What has been switched by somebody else since it was read here: their write to the feeds may have come before
 * ours, and ours be the outdated one.
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
