import type { Documents } from '@rookery/document-store';
import type { EventStore } from '@rookery/event-store';
import { unavailable } from '@rookery/graphql-server';
import {
  type CursorKind,
  type Cursors,
  friendsFeedCursor,
  notificationsCursor,
  ownItemCursor,
} from '@rookery/graphql-server/cursor';
import { type Queue, QueuePartlyDownError } from '@rookery/message-queue';
import { type ListDoc, listId, type PostDoc, postOf, type UserDoc } from '@rookery/read-models';
import { createPolicy, isId, type Logger, type PolicyMetrics } from '@rookery/runtime';
import { type Envelope, type EventData, eventKinds, isOf, readRecorded } from '@rookery/schema/events';
import { LRUCache } from 'lru-cache';
import { createBlocks } from './blocks.ts';
import { createFindReports, type FindReports } from './cases.ts';
import { type AuthoredPost, createHiddenChecks, type KnownPost } from './hidden.ts';
import { createFindMentions, type FindMentions } from './mentions.ts';
import { createPostLookups } from './post-lookups.ts';
import type { KnownWithQuotes } from './quotes.ts';
import type { KnownInThread } from './threads.ts';

/** `absent` is certain; `unknown` means that a store did not answer, and the projections will decide. */
export type LookupResult<T> = T | 'absent' | 'unknown';

type MarkedList = EventData<'rookery.user.list-read'>['list'];

/** Cursors that are accepted for each list. */
const cursorKinds: Readonly<Record<MarkedList, readonly CursorKind[]>> = {
  'friends-feed': [friendsFeedCursor, ownItemCursor],
  notifications: [notificationsCursor],
};

interface KnownUser {
  readonly id: string;
  /** True if the user approves who follows. */
  readonly isProtected: boolean;
}

interface KnownList {
  readonly id: string;
}

/** Lookup of the targets of a command, as its actor sees them: whatever the visibility rules hide is absent. */
export interface TargetLookup {
  post(id: string): Promise<LookupResult<KnownPost>>;
  /** Finds a post with what its thread says. */
  inThread(id: string): Promise<LookupResult<KnownInThread>>;
  /** Finds a post with who may quote it, and whom it quotes. */
  withQuotes(id: string): Promise<LookupResult<KnownWithQuotes>>;
  user(id: string): Promise<LookupResult<KnownUser>>;
  /** Finds posts that are hidden from the actor as well. */
  anyPost(id: string): Promise<LookupResult<unknown>>;
  reportsOf: FindReports;
  /** Finds accounts that are suspended as well. */
  account(id: string): Promise<LookupResult<unknown>>;
  /** Finds users whom a block hides as well. */
  anyUser(id: string): Promise<LookupResult<KnownUser>>;
  /** Finds lists of the actor's own. */
  list(id: string): Promise<LookupResult<KnownList>>;
  mentionedIn: FindMentions;
  /** Returns the words that the actor mutes. */
  mutedWords(): Promise<readonly string[] | 'unknown'>;
  /** Returns the position of a cursor of one of the actor's own lists; undefined if it is none. */
  positionOf(list: MarkedList, cursor: string): number | undefined;
  /**
   * Returns the time of the last event about a follow of the actor by this user, in milliseconds since the epoch; 0 if
   * there is none, or none is known.
   */
  lastFollowedBy(follower: string): Promise<number>;
}

/** Lookup of what commands depend on. */
export interface Lookup {
  seenBy(actor: string): TargetLookup;
  /** Finds the event that is recorded under this actor's idempotency key, however long ago. */
  recorded(actor: string, key: string): Promise<LookupResult<Envelope>>;
  /** Records an event that this process has published. */
  published(event: Envelope): void;
}

export interface LookupOptions {
  /** Maximum wait for documents or event store: a command works without them. */
  readonly timeoutMs: number;
  readonly metrics?: PolicyMetrics | undefined;
}

/** Sources of a thing: its document and, before it is projected, the event that created it. */
interface Source<Doc, T> {
  readonly collection: string;
  /** Returns the id of the document of a thing. Absent: the id of the thing. */
  readonly documentOf?: (id: string) => string;
  /** Returns the thing from its document; `unborn` if the document only holds earlier changes. */
  readonly fromDocument: (doc: Doc, id: string) => T | 'absent' | 'unborn';
  /** Kind of the event whose id is the thing's id. */
  readonly madeBy: Parameters<typeof isOf>[1];
  readonly fromEvent: (event: Envelope) => T | 'absent';
}

/** Returns the thing that the event made; `absent` if the event is of another kind. */
const madeBy = <Doc, T>(source: Source<Doc, T>, event: Envelope): T | 'absent' =>
  isOf(event, source.madeBy) ? source.fromEvent(event) : 'absent';

const isAuthored = (post: PostDoc | undefined): post is AuthoredPost =>
  post !== undefined && post.author !== null;

const posts: Source<PostDoc, AuthoredPost> = {
  collection: 'posts',
  fromDocument: (post) => {
    if (!isAuthored(post)) return 'unborn';
    return post.deleted ? 'absent' : post;
  },
  madeBy: eventKinds.postPublished,
  fromEvent: (event) => {
    const post = postOf(readRecorded(event));
    return isAuthored(post) ? post : 'absent';
  },
};

/** First posts of threads, which decide about the thread even if they are deleted. */
const firstPosts: Source<PostDoc, AuthoredPost> = {
  ...posts,
  fromDocument: (post) => (isAuthored(post) ? post : 'unborn'),
};

const accounts: Source<UserDoc, KnownUser> = {
  collection: 'users',
  fromDocument: ({ handle, protected: isProtected = false }, id) =>
    handle === null ? 'unborn' : { id, isProtected },
  madeBy: eventKinds.userSignedUp,
  fromEvent: ({ id }) => ({ id, isProtected: false }),
};

const users: Source<UserDoc, KnownUser> = {
  ...accounts,
  fromDocument: (user, id) => (user.suspended === true ? 'absent' : accounts.fromDocument(user, id)),
};

const listsOf = (owner: string): Source<ListDoc, KnownList> => ({
  collection: 'lists',
  documentOf: (id) => listId(owner, id),
  fromDocument: ({ position, active }, id) => {
    if (position === null) return 'unborn';
    return active ? { id } : 'absent';
  },
  madeBy: eventKinds.listCreated,
  fromEvent: ({ id, actor }) => (actor === owner ? { id } : 'absent'),
});

/** Number of deletions that this process remembers, for much longer than it takes to project them. */
const cacheSize = 10_000;
/** Factor of the wait for what a text loses for good without an answer: its mentions, until an edit, and its quote. */
const mentionsWaitFactor = 4;
/** Number of consecutive failures after which they are not asked for a while. */
const failures = 5;
const pauseMs = 2_000;
/** Maximum number of concurrent lookups; beyond it the result is unknown. */
const maxConcurrent = 1_000;

const policyFor = (name: string, timeoutMs: number, metrics: PolicyMetrics | undefined) =>
  createPolicy({
    name,
    timeoutMs,
    breaker: {
      threshold: 0.9,
      size: failures,
      minimum: failures,
      halfOpenAfterMs: pauseMs,
      maxPauseMs: pauseMs,
    },
    bulkhead: { limit: maxConcurrent, queue: 0 },
    ...(metrics ? { metrics } : {}),
  });

/**
 * Creates a lookup that reads the documents, then the queue for events that are not projected yet, and then the event store
 * for events between the two. A thing counts as absent only if all of them answer.
 * The lookup throws RookeryError SERVICE_UNAVAILABLE if the queue is down: no command can be accepted then.
 */
export const createLookup = (
  documents: Pick<Documents, 'collection'>,
  queue: Pick<Queue, 'find'>,
  events: Pick<EventStore, 'byId' | 'byKey'>,
  cursors: Pick<Cursors, 'read'>,
  log: Logger,
  { timeoutMs, metrics }: LookupOptions,
): Lookup => {
  const guard = policyFor('documents', timeoutMs, metrics);
  const eventsGuard = policyFor('event store', timeoutMs, metrics);
  const mentionsGuard = policyFor('documents of mentions', mentionsWaitFactor * timeoutMs, metrics);

  const read = async <Doc, T>({ collection, fromDocument, ...source }: Source<Doc, T>, id: string) => {
    const key = source.documentOf?.(id) ?? id;
    try {
      const found = await guard.execute(() => documents.collection<Doc>(collection).getMany([key]));
      const stored = found.get(key);
      return stored ? fromDocument(stored.doc, id) : 'unborn';
    } catch (error) {
      log.debug({ error, collection }, 'documents did not answer');
      return 'unknown';
    }
  };

  const findPending = async (id: string) => {
    try {
      return await queue.find(id);
    } catch (error) {
      if (error instanceof QueuePartlyDownError) return 'unknown';
      log.warn({ error, eventId: id }, 'the queue did not answer');
      throw unavailable();
    }
  };

  /** Asks the event store for one event. */
  const findRecorded = async (
    ask: () => Promise<{ readonly event: Envelope } | undefined>,
  ): Promise<LookupResult<Envelope>> => {
    try {
      return (await eventsGuard.execute(ask))?.event ?? 'absent';
    } catch (error) {
      log.debug({ error }, 'the event store did not answer');
      return 'unknown';
    }
  };

  const find = async <Doc, T>(source: Source<Doc, T>, id: string): Promise<LookupResult<T>> => {
    if (!isId(id)) return 'absent';
    const document = await read(source, id);
    if (document !== 'unborn' && document !== 'unknown') return document;
    const pending = await findPending(id);
    if (typeof pending === 'object') return madeBy(source, pending.event);
    if (document === 'unknown') return 'unknown';
    // It may have been projected since the first look. And an event that is recorded leaves ACTIVITY even if the recorder
    // has not relayed it yet, so for that time only the event store has it.
    const [again, recorded] = await Promise.all([read(source, id), findRecorded(() => events.byId(id))]);
    if (again !== 'unborn') return again;
    if (typeof recorded === 'object') return madeBy(source, recorded);
    return pending === 'unknown' ? 'unknown' : recorded;
  };

  const execute = <T>(call: () => Promise<T>) => guard.execute(call);
  const blocks = createBlocks(documents, execute, log);
  const checks = createHiddenChecks(documents, execute, blocks, log, mentionsGuard);

  // Actor of the deletion by post: whoever deletes a post must not be able to edit it before that is
  // projected.
  const deletions = new LRUCache<string, string>({ max: cacheSize });

  const findPost = async (id: string): Promise<LookupResult<AuthoredPost>> => {
    const post = await find(posts, id);
    // A deletion that was accepted without a lookup may be by another user, and is ignored.
    return typeof post === 'object' && deletions.get(id) === post.author ? 'absent' : post;
  };

  const postLookups = createPostLookups({ findPost, findFirst: (id) => find(firstPosts, id), ...checks });

  return {
    seenBy: (actor) => ({
      ...postLookups(actor),
      post: async (id) => {
        const post = await findPost(id);
        return typeof post === 'object' ? checks.see(actor, post) : post;
      },
      anyPost: findPost,
      reportsOf: createFindReports(documents, execute, log),
      account: (id) => find(accounts, id),
      user: async (id) => {
        const [user, isBlocked] = await Promise.all([find(users, id), blocks.between(actor, id)]);
        return typeof user === 'object' && isBlocked ? 'absent' : user;
      },
      anyUser: (id) => find(users, id),
      mutedWords: () => checks.mutedWordsOf(actor),
      list: (id) => find(listsOf(actor), id),
      mentionedIn: createFindMentions(documents, (call) => mentionsGuard.execute(call), log),
      positionOf: (list, cursor) => cursors.read(cursorKinds[list], actor, cursor, 'cursor'),
      lastFollowedBy: (follower) => checks.timeOfFollow(follower, actor),
    }),
    recorded: (actor, key) => findRecorded(() => events.byKey(actor, key)),
    published: (event) => {
      blocks.published(event);
      if (isOf(event, eventKinds.postDeleted)) deletions.set(event.subject, event.actor);
    },
  };
};
