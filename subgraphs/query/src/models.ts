import type { CaseDoc, NotifiedKind, QuotePolicy, ReportDoc, Visibility } from '@rookery/read-models';
import type { Verb } from '@rookery/schema/events';

/**
 * Objects that resolvers pass on: hydrated, and checked by the rules. The generated resolver types map the
 * types of the schema to these.
 */

export interface UserModel {
  readonly id: string;
  readonly handle: string;
  readonly name: string;
  readonly bio: string | null;
  readonly joinedAt: string;
  readonly protected: boolean;
}

export interface PostModel {
  readonly id: string;
  readonly author: UserModel;
  readonly body: string;
  readonly createdAt: string;
  readonly editedAt: string | null;
  readonly visibility: 'PUBLIC' | Visibility;
  readonly hiddenByModerator: boolean;
  /** Id of the post that it answers, which may be hidden by now. */
  readonly inReplyTo: string | null;
  /** Id of the first post of its thread, which may be hidden by now. */
  readonly thread: string;
  readonly isHiddenReply: boolean;
  /** Id of the post that it quotes, which may be hidden by now. */
  readonly quotes: string | null;
  readonly quotePolicy: 'EVERYONE' | QuotePolicy;
  /** Ids of the users whom the body mentions, who may be hidden by now. */
  readonly mentions: readonly string[];
}

/** A text that a post has or had. */
export interface RevisionModel {
  readonly body: string;
  readonly at: string;
}

/** A report by somebody. */
export interface ReportModel {
  readonly about: string;
  readonly kind: 'POST' | 'USER';
  readonly category: ReportDoc['category'];
  readonly text: string | null;
  readonly at: string;
  /** Id of the user. */
  readonly reporter: string;
  readonly outcome: NonNullable<CaseDoc['resolution']>['outcome'] | null;
}

/** The reports about one post or user. */
export interface CaseModel {
  readonly about: string;
  readonly kind: 'POST' | 'USER';
  readonly handle: string | null;
  readonly body: string | null;
  readonly reports: readonly ReportModel[];
}

/** An act of a moderator. */
export interface ModerationModel {
  readonly id: string;
  readonly verb: Verb;
  /** Id of the user. */
  readonly moderator: string;
  readonly about: string;
  readonly reason: string;
  readonly at: string;
}

/** A user whom the body of a post mentions, and the handle that the body has. */
export interface MentionModel {
  readonly handle: string;
  readonly user: UserModel;
}

export interface HashtagModel {
  /** Canonical form. */
  readonly name: string;
}

/** Use of a hashtag within a window. */
export interface HashtagUsageModel {
  readonly people: number;
  readonly uses: number;
  readonly isEstimate: boolean;
}

export interface TrendingHashtagModel {
  readonly hashtag: HashtagModel;
  readonly usage: HashtagUsageModel;
}

/** A list of accounts of the viewer's. */
export interface ListModel {
  readonly id: string;
  readonly name: string;
}

/** A user whom the viewer may want to follow. */
export interface SuggestedUserModel {
  readonly user: UserModel;
  readonly mutualCount: number;
}

/** Holds the place of a post that the viewer cannot see. */
export interface TombstoneModel {
  readonly id: string;
  /** Id of the post that it answers, if the viewer may know. */
  readonly inReplyTo: string | null;
}

export interface FeedItemModel {
  readonly id: string;
  readonly verb: 'POST' | 'SHARE';
  readonly actor: UserModel;
  readonly post: PostModel;
  readonly at: string;
  /** Returns whose shares the item stands for, oldest first. Absent: for that of its actor alone, if it is one. */
  sharers?(): Promise<readonly UserModel[]>;
}

/** A group of notifications. */
export interface NotificationModel {
  readonly id: string;
  readonly kind: NotifiedKind | 'EDIT';
  readonly verb: Verb;
  /** The newest, newest first. */
  readonly actors: readonly UserModel[];
  readonly actorCount: number;
  readonly post: PostModel | null;
  /** The newest reply, if it is about replies. */
  readonly reply: PostModel | null;
  /** The newest quote, if it is about quotes. */
  readonly quote: PostModel | null;
  readonly at: string;
  /** Position of the newest act. */
  readonly newest: number;
}

/** A word that the viewer mutes. */
export interface MutedWordModel {
  readonly word: string;
  readonly until: string | null;
}

export interface ReadMarkerModel {
  readonly markerId: string;
  readonly list: 'friends-feed' | 'notifications';
  readonly cursor: string;
}

/** An item, post or user in a list. */
export interface EdgeModel<T> {
  readonly cursor: string;
  readonly node: T;
}
export type FeedEdgeModel = EdgeModel<FeedItemModel>;
export type PostEdgeModel = EdgeModel<PostModel>;
export type RevisionEdgeModel = EdgeModel<RevisionModel>;
export type ThreadEdgeModel = EdgeModel<PostModel | TombstoneModel>;
export type ReportEdgeModel = EdgeModel<ReportModel>;
export type CaseEdgeModel = EdgeModel<CaseModel>;
export type ModerationEdgeModel = EdgeModel<ModerationModel>;
export type UserEdgeModel = EdgeModel<UserModel>;
export type NotificationEdgeModel = EdgeModel<NotificationModel>;

/** One change of a friends feed; which of the optional fields are there depends on its kind. */
export interface FeedEventModel {
  readonly kind: 'ADDED' | 'CHANGED' | 'REMOVED' | 'RELOAD';
  readonly cursor: string;
  readonly item?: FeedItemModel;
  readonly post?: PostModel;
  readonly itemId?: string;
  readonly postId?: string;
  readonly actorId?: string;
}

export interface ActivityModel {
  readonly id: string;
  readonly verb: Verb;
  /** Id of the user. */
  readonly actor: string;
  readonly status: 'QUEUED' | 'RECORDED' | 'PROJECTED' | 'REJECTED';
  readonly acceptedAt: string;
  readonly position: string | null;
  readonly reason: string | null;
}
