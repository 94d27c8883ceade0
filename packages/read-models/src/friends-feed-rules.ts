import type { FriendsFeedSettingsDoc, ItemDoc, PostDoc, RelationDoc } from './index.ts';
import type { FriendsFeedPart } from './projections/friends-feed-choices.ts';

/* Rules about the parts of a friends feed: whom its reader follows, and what the reader has decided. */

/** Facts that decide whether an item belongs in the friends feed of a viewer. */
export interface FriendsFeedFacts {
  readonly viewer: string | null;
  readonly item: ItemDoc | undefined;
  readonly post: PostDoc | undefined;
  /** Relation of the viewer to the actor of the item; undefined if the viewer never followed them. */
  readonly follow: RelationDoc | undefined;
  readonly settings?: FriendsFeedSettingsDoc | undefined;
  /** The viewer's decision about what the actor shares. Needed only for a share. */
  readonly hiddenShares?: RelationDoc | undefined;
  /** The post that the item's post answers, and the viewer's follow of its author. Needed only if `mayBeReplyToOthers` says so. */
  readonly answered?: PostDoc | undefined;
  readonly answeredFollow?: RelationDoc | undefined;
}

/** Parts of a friends feed as long as its reader has not decided. */
const defaults: Readonly<Record<FriendsFeedPart, boolean>> = { OWN_ITEMS: true, REPLIES_TO_OTHERS: false };

/** Returns whether the friends feed of a reader with these settings has a part. */
export const showsPart = (settings: FriendsFeedSettingsDoc | undefined, part: FriendsFeedPart): boolean =>
  settings?.parts[part]?.isShown ?? defaults[part];

/** The friends feed shows an actor as long as the viewer follows; its entries may be older than an unfollow. */
export const belongsInFriendsFeed = (follow: RelationDoc | undefined): boolean => follow?.active === true;

/** Returns whether the item is one of the viewer's own. */
const isOwnItem = ({ viewer, item }: Pick<FriendsFeedFacts, 'viewer' | 'item'>): boolean =>
  viewer !== null && item?.actor === viewer;

/** Returns whether the friends feed may leave the item out because of the person whom its post answers. */
export const mayBeReplyToOthers = (
  facts: Pick<FriendsFeedFacts, 'viewer' | 'item' | 'post' | 'settings'>,
): boolean =>
  facts.item?.verb === 'POST' &&
  !isOwnItem(facts) &&
  (facts.post?.inReplyTo ?? null) !== null &&
  !showsPart(facts.settings, 'REPLIES_TO_OTHERS');

/** A reply is part of the friends feed if the viewer may take part: it answers the viewer, somebody followed, or its own author. */
const isReplyToOthers = (facts: FriendsFeedFacts): boolean => {
  if (!mayBeReplyToOthers(facts)) return false;
  const author = facts.answered?.author ?? null;
  const isKnown = author !== null && (author === facts.viewer || author === facts.item?.actor);
  return !isKnown && !belongsInFriendsFeed(facts.answeredFollow);
};

/** Returns whether an item belongs in the friends feed of the viewer, who has the last word on it. */
export const belongsToViewersFeed = (facts: FriendsFeedFacts): boolean =>
  isOwnItem(facts)
    ? showsPart(facts.settings, 'OWN_ITEMS')
    : belongsInFriendsFeed(facts.follow) &&
      !(facts.item?.verb === 'SHARE' && facts.hiddenShares?.active === true) &&
      !isReplyToOthers(facts);
