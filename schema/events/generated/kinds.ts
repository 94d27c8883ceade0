// Generated from schema/events/kinds by `npm run schema:generate`. Do not edit.
import { commandRejected } from '../kinds/command-rejected.ts';
import { hashtagAllowed, hashtagBarred } from '../kinds/hashtag-barred.ts';
import { listCreated } from '../kinds/list-created.ts';
import { listDeleted } from '../kinds/list-deleted.ts';
import { listMemberAdded, listMemberRemoved } from '../kinds/list-member-added.ts';
import { listRenamed } from '../kinds/list-renamed.ts';
import { postBookmarked, postUnbookmarked } from '../kinds/post-bookmarked.ts';
import { postDeleted } from '../kinds/post-deleted.ts';
import { postEdited } from '../kinds/post-edited.ts';
import { postHidden, postUnhidden } from '../kinds/post-hidden.ts';
import { postLiked, postUnliked } from '../kinds/post-liked.ts';
import { postPinned, postUnpinned } from '../kinds/post-pinned.ts';
import { postPolicySet } from '../kinds/post-policy-set.ts';
import { postPublished } from '../kinds/post-published.ts';
import { postQuoteRevoked } from '../kinds/post-quote-revoked.ts';
import { postReplyHidden, postReplyUnhidden } from '../kinds/post-reply-hidden.ts';
import { postShared, postUnshared } from '../kinds/post-shared.ts';
import { postThreadMuted, postThreadUnmuted } from '../kinds/post-thread-muted.ts';
import { reportMade } from '../kinds/report-made.ts';
import { reportResolved } from '../kinds/report-resolved.ts';
import { userBlocked, userUnblocked } from '../kinds/user-blocked.ts';
import { userFollowApproved, userFollowRejected, userFollowRequested } from '../kinds/user-follow-requested.ts';
import { userFollowed, userUnfollowed } from '../kinds/user-followed.ts';
import { userFriendsFeedSet } from '../kinds/user-friends-feed-set.ts';
import { userHandleChanged } from '../kinds/user-handle-changed.ts';
import { userListRead } from '../kinds/user-list-read.ts';
import { userMuted, userUnmuted } from '../kinds/user-muted.ts';
import { userNotificationsSet } from '../kinds/user-notifications-set.ts';
import { userProfileUpdated } from '../kinds/user-profile-updated.ts';
import { userSharesHidden, userSharesShown } from '../kinds/user-shares-hidden.ts';
import { userSignedIn } from '../kinds/user-signed-in.ts';
import { userSignedUp } from '../kinds/user-signed-up.ts';
import { userSuspended, userUnsuspended } from '../kinds/user-suspended.ts';
import { userWordMuted, userWordUnmuted } from '../kinds/user-word-muted.ts';

/** All event kinds. */
export const eventKinds = {
  commandRejected,
  hashtagAllowed,
  hashtagBarred,
  listCreated,
  listDeleted,
  listMemberAdded,
  listMemberRemoved,
  listRenamed,
  postBookmarked,
  postUnbookmarked,
  postDeleted,
  postEdited,
  postHidden,
  postUnhidden,
  postLiked,
  postUnliked,
  postPinned,
  postUnpinned,
  postPolicySet,
  postPublished,
  postQuoteRevoked,
  postReplyHidden,
  postReplyUnhidden,
  postShared,
  postUnshared,
  postThreadMuted,
  postThreadUnmuted,
  reportMade,
  reportResolved,
  userBlocked,
  userUnblocked,
  userFollowApproved,
  userFollowRejected,
  userFollowRequested,
  userFollowed,
  userUnfollowed,
  userFriendsFeedSet,
  userHandleChanged,
  userListRead,
  userMuted,
  userUnmuted,
  userNotificationsSet,
  userProfileUpdated,
  userSharesHidden,
  userSharesShown,
  userSignedIn,
  userSignedUp,
  userSuspended,
  userUnsuspended,
  userWordMuted,
  userWordUnmuted,
} as const;
