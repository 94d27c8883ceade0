/**
 * What each collection holds. Times are ISO 8601 instants in UTC with milliseconds, ids are UUIDs, positions are
 * places in the event store. A field that is not known yet is null: events may come in any order.
 */

/** Who wrote a field last: [time, event id] of the event, compared in that order. */
export type Version = readonly [time: string, eventId: string];

/** `users/<user id>`. Without a handle it is no user yet: a profile update came before the sign-up. */
export interface UserDoc {
  readonly handle: string | null;
  readonly joinedAt: string | null;
  readonly joinedPosition: number | null;
  readonly name: string | null;
  readonly nameVersion: Version | null;
  readonly bio: string | null;
  readonly bioVersion: Version | null;
}

export interface Revision {
  readonly body: string;
  readonly version: Version;
  readonly at: string;
}

/** `posts/<post id>`. Without an author it is not published yet. */
export interface PostDoc {
  readonly author: string | null;
  readonly createdAt: string | null;
  readonly position: number | null;
  readonly inReplyTo: string | null;
  /** The text to show: the author's newest revision, else what was published. */
  readonly body: string;
  /** Of the text to show; null where there is none yet. */
  readonly version: Version | null;
  /** By actor, the newest each. Once the author is known only the author's is kept: nobody else's counts. */
  readonly revisions: Readonly<Record<string, Revision>>;
  /** By actor, the time of the earliest each; kept like the revisions. */
  readonly deletions: Readonly<Record<string, string>>;
  readonly deleted: boolean;
  readonly editedAt: string | null;
}

/** Somebody's standing choice about something, on or off; the newest event decides. */
export interface RelationDoc {
  readonly actor: string;
  /** The post that is liked or shared, or the user who is followed. */
  readonly object: string;
  readonly active: boolean;
  readonly version: Version;
  /** Smallest position of any event that switched it on; null where none did yet. */
  readonly position: number | null;
  /** Time of that event. */
  readonly since: string | null;
}

/** `likes/<actor>:<post>` */
export type LikeDoc = RelationDoc;
/** `shares/<actor>:<post>` */
export type ShareDoc = RelationDoc;
/** `follows/<actor>:<user>` */
export type FollowDoc = RelationDoc;

export const relationId = (actor: string, object: string): string => `${actor}:${object}`;

/** `items/<item id>`: one thing that stands in feeds. Without a position nobody has published or shared it yet. */
export interface ItemDoc {
  /** Null for a post that is not published yet. */
  readonly actor: string | null;
  readonly verb: 'POST' | 'SHARE';
  readonly post: string;
  readonly at: string | null;
  readonly position: number | null;
  /** It may be shown, as far as the actor is concerned: published and not deleted, or shared and not taken back. */
  readonly active: boolean;
  /** SHARE: of the newest share or unshare. Null for a POST. */
  readonly version: Version | null;
  /** POST: as in PostDoc. Empty for a SHARE. */
  readonly deletions: Readonly<Record<string, string>>;
}

export type CountKind = 'likes' | 'shares' | 'replies' | 'posts' | 'followers' | 'following';

/** `counts/<kind>:<id>`: the size of a set. */
export interface CountDoc {
  readonly n: number;
}

export const countId = (kind: CountKind, id: string): string => `${kind}:${id}`;

/**
 * `authors/<user id>`: here once the author had FANOUT_LIMIT followers, and never taken back. From then on the
 * author's items are not written to the followers' feeds but merged at read. It says where items are to be found,
 * and is no part of what a rebuild must reproduce.
 */
export interface AuthorDoc {
  readonly big: true;
}

/** `activities/<event id>` */
export interface ActivityDoc {
  readonly actor: string;
  readonly verb: string;
  readonly subject: string;
  readonly acceptedAt: string;
  readonly position: number;
}

/** `progress/<projection>` */
export interface ProgressDoc {
  /** Everything up to here has been applied. Only ever raised. */
  readonly position: number;
  /** When it was raised last. */
  readonly at: string;
  /**
   * Of `feeds`: which generation of the feeds in Redis is whole (see feedKey); 0 elsewhere. It is in the same
   * document as the position so that one read gives both.
   */
  readonly epoch: number;
}

/** The collections by name. */
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
}

export type CollectionName = keyof Shapes;

/**
 * The name under which Feeds keeps a reader's feed in the given epoch (`progress/feeds`). A batch that Redis could not
 * take raises the epoch, which leaves every feed written so far behind: those of the new epoch are filled from the
 * documents at their first read. Hints keep the plain reader id.
 */
export const feedKey = (reader: string, epoch: number): string =>
  epoch === 0 ? reader : `${reader}.${epoch}`;
