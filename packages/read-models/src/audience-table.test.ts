import { expect, it } from 'vitest';
import {
  accounts,
  at,
  blockers,
  type Case,
  factsOf,
  followings,
  followOf,
  hasRelations,
  hiders,
  isHider,
  mutes,
  postOf,
  postStates,
  type Reason,
  sharerFollows,
  sharers,
  userOf,
  viewers,
  visibilities,
} from './audience-cases.ts';
import type { ItemDoc } from './index.ts';
import {
  followStateOf,
  isForEverybody,
  mayCountUse,
  mayFollowUp,
  mayNotifyOf,
  maySeeActsOf,
  maySeeEntry,
  maySeeFriendsEntry,
  maySeeHiddenReply,
  maySeePlace,
  maySeePost,
  maySeeQuote,
  maySeeQuoted,
  maySeeReply,
} from './visibility.ts';

/*
 * The decision table of audiences: every combination of who looks, the visibility of the post, the protection of the account, what
 * the viewer is to it, and the path. The expected answers are from the list of reasons below, which is written from the
 * promises and shares nothing with the rules. visibility-table.test.ts has the states of documents, with an open audience.
 */

const isApproved = (one: Case): boolean =>
  hasRelations(one) && (one.follow === 'holds' || (one.follow === 'is unchecked' && one.account === 'open'));

const blockReason = (one: Case): Reason =>
  hasRelations(one) && one.blocker !== 'nobody' && 'there is a block';

const audienceReason = (one: Case): Reason => {
  if (one.viewer === 'the author' || one.viewer === 'somebody mentioned') return false;
  if (one.visibility === 'MENTIONED') return 'the post is for those whom it mentions';
  if (one.visibility === 'FOLLOWERS' || one.account === 'protected')
    return !isApproved(one) && 'the post is for followers';
  return false;
};

/** A post that a moderator hides is deleted for everybody but its author. */
const isOwnHidden = ({ post, viewer }: Case): boolean =>
  post === 'hidden by a moderator' && viewer === 'the author';

const postReasons = (one: Case): Reason[] => [
  one.post !== 'there' && !isOwnHidden(one) && `the post is ${one.post}`,
  blockReason(one),
  audienceReason(one),
];
const muteReason = (one: Case): Reason => hasRelations(one) && one.muted !== 'nobody' && 'the viewer mutes';
const hiddenReason = (one: Case): Reason =>
  one.hider !== 'nobody' &&
  one.viewer !== 'the author' &&
  !isHider(one) &&
  'the author of the thread has hidden it';
const sharerReason = ({ viewer, sharer }: Case): Reason =>
  sharer !== 'open' &&
  !(viewer !== 'nobody' && sharer === 'protected and followed') &&
  'the one who shares is protected, and the viewer no follower';

const itemOf = (verb: 'POST' | 'SHARE', actor: string): ItemDoc => ({
  ...{ actor, verb, post: 'p', at, position: 3, active: true, version: [at, '3'], deletions: {} },
});
/** The post in the author's own words, or as somebody else has shared it. */
const itemFactsOf = (one: Case, verb: 'POST' | 'SHARE') => {
  const facts = factsOf(one);
  const own = { actor: facts.author, actorRelation: facts.authorRelation };
  const sharer = {
    actor: userOf(one.sharer !== 'open'),
    actorRelation: {
      ...{ blocks: false, isBlocked: false },
      follow: one.viewer === 'nobody' ? undefined : followOf(sharerFollows[one.sharer], 's'),
    },
  };
  return {
    ...facts,
    foundAt: 3,
    item: itemOf(verb, verb === 'POST' ? 'a' : 's'),
    ...(verb === 'POST' ? own : sharer),
  };
};

/** A block between the authors of the quoted and the quoting post, whoever looks: as there may be one between hider and author. */
const quotingOf = ({ hider }: Case) => ({ blocks: hider === 'somebody', isBlocked: hider === 'the viewer' });
const quotingReason = ({ hider }: Case): Reason =>
  hider !== 'nobody' && 'one of the two authors blocks the other';

interface Path {
  readonly reasons: (one: Case) => Reason[];
  readonly decide: (one: Case) => boolean;
}

const paths: Readonly<Record<string, Path>> = {
  'a post by id, as an embed, bookmark or live, and in a command': {
    reasons: postReasons,
    decide: (one) => maySeePost(factsOf(one)),
  },
  'a reply in the list of replies': {
    reasons: (one) => [...postReasons(one), muteReason(one), hiddenReason(one)],
    decide: (one) => maySeeReply(factsOf(one)),
  },
  'a post that another quotes, and in the list of those that quote': {
    reasons: (one) => [...postReasons(one), muteReason(one), quotingReason(one)],
    decide: (one) =>
      maySeeQuoted({ ...factsOf(one), quoting: quotingOf(one) }) &&
      maySeeQuote({ ...factsOf(one), quoting: quotingOf(one) }),
  },
  'a post that another quotes, whoever is muted': {
    reasons: (one) => [...postReasons(one), quotingReason(one)],
    decide: (one) => maySeeQuoted({ ...factsOf(one), quoting: quotingOf(one) }),
  },
  'a reply in the list of hidden replies': {
    reasons: (one) => [
      ...postReasons(one),
      muteReason(one),
      one.hider === 'nobody' && 'nobody has hidden it',
    ],
    decide: (one) => maySeeHiddenReply(factsOf(one)),
  },
  'a reply, or a text that mentions the viewer, in a notification': {
    reasons: (one) => [
      ...postReasons(one),
      muteReason(one),
      one.hider !== 'nobody' && 'the author of the thread has hidden it',
    ],
    decide: (one) => mayNotifyOf(factsOf(one)),
  },
  'the place of an answered reply in a thread, as a tombstone at least': {
    reasons: (one) => [
      one.post === 'not published' && 'the post is not published',
      blockReason(one),
      audienceReason(one),
      one.post === 'there' && muteReason(one),
      hiddenReason(one),
    ],
    decide: (one) => maySeePlace({ ...factsOf(one), replyCount: 1 }),
  },
  'the tombstone of a deleted post, and the event that tells of its end': {
    reasons: (one) => [
      one.post !== 'deleted' &&
        !(one.post === 'hidden by a moderator' && one.viewer !== 'the author') &&
        'only deleted posts have tombstones that tell',
      blockReason(one),
      audienceReason(one),
    ],
    decide: (one) => mayFollowUp(factsOf(one)),
  },
  'the item of a post': {
    reasons: postReasons,
    decide: (one) => maySeeEntry(itemFactsOf(one, 'POST')),
  },
  'the item of a share by somebody else': {
    reasons: (one) => [...postReasons(one), sharerReason(one)],
    decide: (one) => maySeeEntry(itemFactsOf(one, 'SHARE')),
  },
  'a post in the friends feed, as a page or live': {
    reasons: (one) => [
      ...postReasons(one),
      one.viewer === 'nobody' && 'nobody follows without an account',
      hasRelations(one) &&
        !['holds', 'is unchecked'].includes(one.follow) &&
        'the viewer does not follow, and it is no item of their own',
      muteReason(one),
    ],
    decide: (one) =>
      maySeeFriendsEntry({
        ...itemFactsOf(one, 'POST'),
        // Whomever it answers.
        settings: { parts: { REPLIES_TO_OTHERS: { isShown: true, version: ['', ''] } }, changed: 1 },
        follow: hasRelations(one) ? followOf(one.follow) : undefined,
      }),
  },
  'the list and number of posts of a user': {
    reasons: (one) => [
      blockReason(one),
      one.account === 'protected' &&
        one.viewer !== 'the author' &&
        !isApproved(one) &&
        'the account is for followers',
    ],
    decide: (one) => maySeeActsOf(factsOf(one)),
  },
  'a post that counts as a use of its hashtags': {
    reasons: (one) => [
      one.post !== 'there' && `the post is ${one.post}`,
      blockReason(one),
      muteReason(one),
      one.visibility !== 'PUBLIC' && 'not everybody may see the post',
      one.account === 'protected' && 'not everybody may see the posts of the account',
    ],
    decide: (one) => mayCountUse(factsOf(one)),
  },
  'a share of it': {
    reasons: ({ visibility, account, post }) => [
      post === 'hidden by a moderator' && 'only its author sees the post',
      visibility !== 'PUBLIC' && 'not everybody may see the post',
      account === 'protected' && 'not everybody may see the posts of the account',
    ],
    decide: (one) => isForEverybody(postOf(one), userOf(one.account === 'protected')),
  },
  'the state of a follow that holds': {
    reasons: (one) => [
      !['holds', 'is unchecked'].includes(one.follow) && 'nobody follows',
      one.follow === 'is unchecked' && one.account === 'protected' && 'nobody has approved it',
    ],
    decide: ({ follow, account }) =>
      followStateOf(userOf(account === 'protected'), followOf(follow)) === 'FOLLOWING',
  },
};

const cases: readonly Case[] = viewers.flatMap((viewer) =>
  followings.flatMap((follow) =>
    visibilities.flatMap((visibility) =>
      accounts.flatMap((account) =>
        blockers.flatMap((blocker) =>
          postStates.flatMap((post) =>
            mutes.flatMap((muted) =>
              hiders.flatMap((hider) =>
                sharers.map((sharer) => ({
                  ...{ viewer, follow, visibility, account },
                  ...{ blocker, post, muted, hider, sharer },
                })),
              ),
            ),
          ),
        ),
      ),
    ),
  ),
);

it.each(Object.entries(paths))(
  '%s is shown unless there is a reason against it',
  (_, { reasons, decide }) => {
    const wrong = cases.flatMap((one) => {
      const against = reasons(one).filter((reason) => reason !== false);
      return decide(one) === (against.length === 0) ? [] : [{ ...one, against }];
    });
    expect(wrong.slice(0, 5)).toEqual([]);
    // No path may be closed to all, or the table would prove nothing.
    expect(cases.some(decide)).toBe(true);
    expect(cases).toHaveLength(34_560);
  },
);
