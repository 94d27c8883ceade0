export * from './base.ts';
export {
  type CollectionName,
  type CountKind,
  collections,
  collectionsOf,
  countId,
  countKindsOf,
  demandCollection,
  findIndex,
  idPrefixOf,
  indexName,
  ownerOf,
  ownerOfCount,
  type Projection,
  projections,
  type RelationName,
  type Shapes,
} from './collections.ts';
export { isOptional, isStandby, pushConsumer, standbyOf } from './consumers.ts';
export { changesKey, feedKey, readerOfFeed } from './feed-keys.ts';
export { type SampledPeople, sizeOf } from './people-sample.ts';
export type { ActivityDoc } from './projections/activities.ts';
export type { BarredHashtagDoc } from './projections/barred-hashtags.ts';
export { type Index, newer, type Version } from './projections/define.ts';
export { type ItemDoc, lastEditOf, postOfItemId, shareItemId } from './projections/feeds.ts';
export { type FollowDoc, pendingRequest } from './projections/follows.ts';
export type { FriendsFeedSettingsDoc } from './projections/friends-feed-choices.ts';
export { type ListDoc, listId } from './projections/lists.ts';
export type { MuteDoc, MutedWordDoc } from './projections/mutes.ts';
export {
  actsOfOthers,
  keptActors,
  type NotifiedAct,
  type NotifiedKind,
  notifiedActs,
  ownKinds,
} from './projections/notifications.ts';
export { type PostDoc, postOf, type Visibility } from './projections/posts.ts';
export { blockTopic, type PersonDoc, type UserDoc } from './projections/profiles.ts';
export { type RelationDoc, relationId } from './projections/relation.ts';
export type { CaseDoc, ReportDoc } from './projections/reports.ts';
export {
  type NotificationSource,
  type ReadMarkerDoc,
  readMarkerId,
} from './projections/settings.ts';
export { type QuotePolicy, type ReplyPolicy, threadOf } from './projections/thread-control.ts';
export {
  keyOfTrend,
  recentPeople,
  recentTrends,
  type TrendDoc,
  type TrendWindow,
  trendId,
  trendKeyOf,
} from './projections/trends.ts';
export { hashtagsOf, toHashtagStart, toNamedHashtag } from './text/hashtags.ts';
export { handlesIn } from './text/mentions.ts';
export { toMutedWord, toPattern } from './text/muted-words.ts';
export {
  type Search,
  searchForPeople,
  searchForPosts,
  termOfHashtagStart,
} from './text/search-terms.ts';
