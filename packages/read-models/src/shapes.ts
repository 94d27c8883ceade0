import { derivedId } from '@rookery/runtime';
import type { Rejection, Verb } from '@rookery/schema/events';

/**
 * Documents of each collection. Times are ISO 8601 instants in UTC with milliseconds, ids are UUIDs, and
 * positions are those of the event store. An unknown field is null: events may arrive in any order.
 */

/** Version of a write: `[ISO 8601 instant, event id]`, compared in that order. */
export type Version = readonly [time: string, eventId: string];

/** `users/<userId>`. Without a handle it is not a user yet: a profile update came before the sign-up. */
export interface UserDoc {
  readonly handle: string | null;
  readonly joinedAt: string | null;
  /** Position of the sign-up. */
  readonly joinedPosition: number | null;
  readonly name: string | null;
  readonly nameVersion: Version | null;
  readonly bio: string | null;
  readonly bioVersion: Version | null;
}

/** Text that one actor wrote for a post. It counts only if that actor is the author. */
export interface PostRevision {
  readonly body: string;
  readonly version: Version;
  /** ISO 8601 instant. */
  readonly at: string;
}

/** `posts/<postId>`. An edit or a deletion can come before the post itself, and from somebody else. */
export interface PostDoc {
  /** Null: not published yet. */
  readonly author: string | null;
  readonly createdAt: string | null;
  /** Position of the publication. */
  readonly position: number | null;
  /** Id of the post that it answers. */
  readonly inReplyTo: string | null;
  /**
   * Text to show: the newest revision by the author, otherwise the published text. Null before the
   * publication and after the deletion.
   */
  readonly body: string | null;
  /** Version of the text to show. */
  readonly version: Version | null;
  /** Actor → the newest revision, unless this actor has deleted the post. Once the author is known, only the author's. */
  readonly revisions: Readonly<Record<string, PostRevision>>;
  /** Actor → ISO 8601 instant of the earliest deletion; kept as the revisions are. */
  readonly deletions: Readonly<Record<string, string>>;
  /**
   * Derived: true if the author has deleted the post. The document is then a tombstone: no text, but the
   * place in the thread.
   */
  readonly deleted: boolean;
  readonly editedAt: string | null;
}

/** An event that switched something on. */
export interface Act {
  readonly version: Version;
  readonly position: number;
  /** ISO 8601 instant. */
  readonly at: string;
}

/**
 * A setting that is on or off: the newest event decides `active`. If it is on, `position` and `since` are
 * those of the act that last switched it on from off, and null otherwise. They are derived from `off` and
 * `ons`, which are absent if the other fields imply them (see applyToggle in the projector).
 */
export interface Switch {
  readonly active: boolean;
  /** Version of the newest event. */
  readonly version: Version | null;
  readonly position: number | null;
  /** ISO 8601 instant. */
  readonly since: string | null;
  /** Version of the newest event that switched it off; left out if that is `version`, or if there is none. */
  readonly off?: Version;
  /** The first act, and those after the newest event that switched it off; oldest first. */
  readonly ons?: readonly Act[];
  /** Greatest position of an event that switched it off; left out if there is none. */
  readonly ended?: number;
}

/** A choice of the actor's about a post or a user. */
export interface RelationDoc extends Switch {
  readonly actor: string;
  /** The post that is liked or shared, or the user who is followed. */
  readonly object: string;
  readonly version: Version;
}

/** `likes/<actor>:<post>` */
export type LikeDoc = RelationDoc;
/** `shares/<actor>:<post>` */
export type ShareDoc = RelationDoc;
/** `follows/<actor>:<user>` */
export type FollowDoc = RelationDoc;

/** The id of a like, share or follow. */
export const relationId = (actor: string, object: string): string => `${actor}:${object}`;

/** Returns the id of the feed item of a share: one for each actor and post, however often the post is shared. */
export const shareItemId = (actor: string, post: string): string => derivedId('share', actor, post);

/** `items/<itemId>`: one feed item. The id of a POST is the post's; that of a SHARE is made of actor and post. */
export interface ItemDoc {
  /** Null for a post that is not published yet. */
  readonly actor: string | null;
  readonly verb: 'POST' | 'SHARE';
  readonly post: string;
  /** ISO 8601 instant. */
  readonly at: string | null;
  /** Place in every feed, newest first. Null for a post that is not published yet, and for a share that is taken back. */
  readonly position: number | null;
  readonly active: boolean;
  /** SHARE: of the newest share or unshare. Null for a POST. */
  readonly version: Version | null;
  /** POST: as in PostDoc, for a deletion can come first. Empty for a SHARE. */
  readonly deletions: Readonly<Record<string, string>>;
  /** SHARE: as in Switch. */
  readonly off?: Version;
  readonly ons?: readonly Act[];
  /**
   * Position of the last event that changed or ended the item: an edit or deletion of a POST by its author,
   * or the undo of a SHARE. Absent if there is none. Live feeds find changes by it.
   */
  readonly changed?: number;
  /** POST: actor → position of the last edit or deletion; kept while the author is not known. */
  readonly changes?: Readonly<Record<string, number>>;
}

/** `counts/<kind>:<id>`: the size of a set. */
export interface CountDoc {
  readonly n: number;
}

export type CountKind = 'likes' | 'shares' | 'replies' | 'posts' | 'followers' | 'following';

/** The id of a count. */
export const countId = (kind: CountKind, id: string): string => `${kind}:${id}`;

/**
 * `authors/<userId>`: exists once the author has reached FANOUT_LIMIT followers, and is never removed. From
 * then on the items of the author are not written to the feeds of the followers but merged when a feed is
 * read. It determines how items are found, and is not part of a rebuild.
 */
export interface AuthorDoc {
  readonly big: true;
}

/** `activities/<eventId>`. */
export interface ActivityDoc {
  readonly actor: string;
  readonly verb: Verb;
  readonly subject: string;
  /** ISO 8601 instant. */
  readonly acceptedAt: string;
  readonly position: number;
  /** Why the recorder refused it; absent if it did not. */
  readonly rejected?: Rejection;
}

/** `progress/<projection>`: every event up to this position has been applied. */
export interface ProgressDoc {
  /** Only ever raised. */
  readonly position: number;
  /** ISO 8601 instant. */
  readonly at: string;
  /**
   * For `feeds`: the epoch of the feeds in Redis that are complete (see feedKey); otherwise 0. Stored next to
   * the position so that one read returns both.
   */
  readonly epoch: number;
}

/** Number of a set of collections: 0 is the base, any other lies in a namespace of its own. */
export type Generation = number;

/** In which generations a projection is kept (docs/explanation/recovery.md). */
export interface ProjectionGenerations {
  /** Generation that is read. */
  readonly live: Generation;
  /** Written as well, before anything is acknowledged: while a swap is under way. */
  readonly also: Generation | null;
  /** Previously live generation, and the position up to which it is complete: for a roll-back. */
  readonly previous: { readonly generation: Generation; readonly upTo: number } | null;
}

/** `generations/current`: one document for all projections, so that several swap at once. Absent means all in the base. */
export interface GenerationsDoc {
  /** The newest number that was given; none is given twice. */
  readonly last: Generation;
  readonly projections: Readonly<Partial<Record<string, ProjectionGenerations>>>;
}

/** `rebuilds/<id>`: a rebuild in progress, or its result. */
export interface RebuildDoc {
  readonly projections: readonly string[];
  readonly generation: Generation;
  readonly phase: 'load' | 'count' | 'catch-up' | 'join' | 'drain' | 'done';
  /** Everything up to here is in the new generation. */
  readonly upTo: number;
  /** While loading: ranges behind `upTo` that are in it already, each by its last position. */
  readonly ranges: readonly number[];
  /** While loading: positions in what is done whose events have still to be applied. Absent means none. */
  readonly putOff?: readonly number[];
  /** Position at which loading ends and catching up begins. */
  readonly loadTo: number;
  /** Projection → the generation that this rebuild pushes out, to be removed at its end. Absent: not known yet. */
  readonly obsolete?: Readonly<Record<string, Generation>>;
  /** Changes with the process that is at it; `at` is its last sign of life. */
  readonly holder: string;
  /** ISO 8601 instants. */
  readonly startedAt: string;
  readonly at: string;
}

/** Collection → what its documents are. */
export interface Shapes {
  readonly users: UserDoc;
  readonly posts: PostDoc;
  readonly likes: LikeDoc;
  readonly shares: ShareDoc;
  readonly follows: FollowDoc;
  readonly items: ItemDoc;
  readonly counts: CountDoc;
  readonly authors: AuthorDoc;
  readonly activities: ActivityDoc;
  readonly progress: ProgressDoc;
  readonly generations: GenerationsDoc;
  readonly rebuilds: RebuildDoc;
}

/**
 * The name under which Feeds keeps a reader's feed in the given epoch (`progress/feeds`). A batch that Redis could not
 * take raises the epoch, which leaves every feed written so far behind: those of the new epoch are filled from the
 * documents at their first read. Hints keep the plain reader id.
 */
export const feedKey = (reader: string, epoch: number): string =>
  epoch === 0 ? reader : `${reader}.${epoch}`;

/** The name under which Feeds keeps what has changed or gone of a reader's feed: items scored by `changed`. */
export const changesKey = (reader: string, epoch: number): string => `${feedKey(reader, epoch)}.changes`;
