import { type QueryContext, viewerOf } from '../context.ts';
import { friendsFeedCursor } from '../cursor.ts';
import type { FeedEventModel } from '../models.ts';
import { feedProjections } from '../progress.ts';
import { BroadcastTopics } from './broadcast-topics.ts';
import {
  type ChangeBatch,
  noteWatched,
  readChanges,
  readWatched,
  reloadAt,
  type Watched,
} from './feed-changes.ts';
import { blockTopicsOf } from './quoted-posts.ts';
import { isOutdated, liveStream, type Wakes } from './stream.ts';

/**
 * Every change of the viewer's friends feed: first those since the cursor, then those that come, each once and in
 * order. Nothing is recorded for a subscriber: items and follows carry the position of their last change, and a cursor
 * is a position. The stream remembers the last one that it delivered, and which posts the newest items share and quote.
 * @throws RookeryError UNAUTHENTICATED, BAD_USER_INPUT
 */
export const liveFriendsFeedEvents = async (context: QueryContext, after: string | null | undefined) => {
  const viewer = viewerOf(context);
  const given = context.sources.cursors.read(friendsFeedCursor, viewer, after);
  const from = given ?? (await context.progress()).upTo(feedProjections);
  const reader = new FeedEventReader(context, viewer, from, given !== undefined);
  return liveStream<'friendsFeedEvents', FeedEventModel>(context, {
    field: 'friendsFeedEvents',
    checkpoint: reader.cursor,
    look: (wakes, signal) => reader.next(wakes, signal),
    drop: () => reader.drop(),
  });
};

interface Delivery {
  readonly value: FeedEventModel;
  readonly position: number;
  readonly acceptedAt?: string | undefined;
}

/** Reads the changes of one feed in batches. Its position is that of the last delivered change. */
class FeedEventReader {
  readonly #context: QueryContext;
  readonly #viewer: string;
  #position: number;
  /** True until the first look after a cursor, which may be old. */
  #mayBeFarBehind: boolean;
  /** Posts that the newest items share and quote; undefined until the first look. */
  #watched: Watched | undefined;
  /** True if posts came in that are not watched yet. */
  #hasUnwatched = false;
  /** Changes that are read but not delivered. */
  #batch: (ChangeBatch & { readonly readAt: number }) | undefined;
  readonly #authors: BroadcastTopics;

  constructor(context: QueryContext, viewer: string, position: number, mayBeFarBehind: boolean) {
    this.#context = context;
    this.#viewer = viewer;
    this.#position = position;
    this.#mayBeFarBehind = mayBeFarBehind;
    this.#authors = new BroadcastTopics(context, viewer);
  }

  get cursor(): string {
    return this.#cursorAt(this.#position);
  }

  /** Returns the next change, or undefined once the signal is aborted. */
  async next(wakes: Wakes, signal: AbortSignal): Promise<Delivery | undefined> {
    while (!signal.aborted) {
      if (this.#batch && isOutdated(this.#batch)) this.drop();
      if (!this.#batch) {
        this.#context.renew();
        const reload = await this.#reloadIfFarBehind();
        if (reload) return reload;
      }
      this.#batch ??= await this.#readBatch(wakes);
      const row = this.#batch.rows.shift();
      if (row) return this.#deliver(row);
      const { full, behind, scanned } = this.#batch;
      this.#position = scanned;
      this.#batch = undefined;
      if (!full && !this.#hasUnwatched) await wakes.wait(signal, behind);
    }
    return undefined;
  }

  /** Discards prefetched changes. */
  drop(): void {
    this.#batch = undefined;
  }

  /** Returns a RELOAD if there are too many changes to tell one by one. */
  async #reloadIfFarBehind(): Promise<Delivery | undefined> {
    const context = this.#context;
    if (!this.#mayBeFarBehind) return undefined;
    const position = await context.onOneReplica(() => reloadAt(context, this.#viewer, this.#position));
    this.#mayBeFarBehind = false;
    if (position === undefined) return undefined;
    this.#position = position;
    return { value: { kind: 'RELOAD', cursor: this.cursor }, position };
  }

  /** Reads the next changes and watches for more. */
  async #readBatch(wakes: Wakes): Promise<ChangeBatch & { readonly readAt: number }> {
    const context = this.#context;
    const viewer = this.#viewer;
    const from = this.#position;
    this.#watched ??= await context.onOneReplica(() => readWatched(context, viewer, from));
    const watched = this.#watched;
    this.#hasUnwatched = false;
    const readAt = performance.now();
    const batch = await context.onOneReplica(() => readChanges(context, viewer, from, watched));
    if (noteWatched(watched, batch)) this.#hasUnwatched = true;
    const quoted = [...watched.quotes.values()].map((quote) => quote.quoted);
    const posts = new Set([...watched.shared, ...quoted]);
    this.#authors.watch(wakes, batch.broadcasters, {
      others: [
        `viewer:${viewer}`,
        'moderation:accounts',
        ...[...posts].map((post) => `text:${post}` as const),
        ...[...batch.authors].map((author) => `account:${author}` as const),
        ...blockTopicsOf(watched.quotes),
      ],
      hasRows: batch.rows.length > 0,
    });
    return { readAt, ...batch };
  }

  #deliver({ position, event }: ChangeBatch['rows'][number]): Delivery {
    this.#position = position;
    if (event.postId) {
      this.#watched?.shared.delete(event.postId);
      this.#watched?.quotes.delete(event.postId);
    }
    // A revoked quote is gone for good, and so is what concerns its author.
    if (event.post?.quotes === null) this.#watched?.quotes.delete(event.post.id);
    const acceptedAt = event.kind === 'ADDED' ? event.item?.at : undefined;
    return { value: { ...event, cursor: this.#cursorAt(position) }, position, acceptedAt };
  }

  #cursorAt(position: number): string {
    return this.#context.sources.cursors.write(friendsFeedCursor, this.#viewer, position);
  }
}
