import { expect, it } from 'vitest';
import type { FollowDoc, ItemDoc, PostDoc, ReplyPolicy, UserDoc } from './index.ts';
import {
  followStateOf,
  isForEverybody,
  mayFollowUp,
  mayNotifyOf,
  mayQuote,
  mayReply,
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

const viewers = ['nobody', 'the author', 'somebody mentioned', 'somebody else'] as const;
const followings = ['never', 'ended', 'holds', 'is asked for', 'is unchecked'] as const;
const visibilities = ['PUBLIC', 'FOLLOWERS', 'MENTIONED'] as const;
const accounts = ['open', 'protected'] as const;
const blockers = ['nobody', 'the viewer', 'the author'] as const;
const postStates = ['there', 'deleted', 'hidden by a moderator', 'not published'] as const;
const mutes = ['nobody', 'the author'] as const;
/** Author of the thread, who has hidden the post from it. */
const hiders = ['nobody', 'somebody', 'the viewer'] as const;
/** Somebody else, who has shared the post. */
const sharers = ['open', 'protected', 'protected and followed', 'protected and unchecked'] as const;

interface Case {
  readonly viewer: (typeof viewers)[number];
  /** Follow of the author by the viewer. */
  readonly follow: (typeof followings)[number];
  readonly visibility: (typeof visibilities)[number];
  readonly account: (typeof accounts)[number];
  readonly blocker: (typeof blockers)[number];
  readonly post: (typeof postStates)[number];
  readonly muted: (typeof mutes)[number];
  readonly hider: (typeof hiders)[number];
  readonly sharer: (typeof sharers)[number];
}

type Reason = false | string;

/** Only somebody who is signed in, and not oneself, follows, blocks and mutes. */
const hasRelations = ({ viewer }: Case): boolean => viewer !== 'nobody' && viewer !== 'the author';

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
/** Somebody who is signed in. */
const isHider = ({ viewer, hider }: Case): boolean => hider === 'the viewer' && viewer !== 'nobody';
const hiddenReason = (one: Case): Reason =>
  one.hider !== 'nobody' &&
  one.viewer !== 'the author' &&
  !isHider(one) &&
  'the author of the thread has hidden it';
const sharerReason = ({ viewer, sharer }: Case): Reason =>
  sharer !== 'open' &&
  !(viewer !== 'nobody' && sharer === 'protected and followed') &&
  'the one who shares is protected, and the viewer no follower';

const at = '2026-01-01T00:00:00.000Z';
const userOf = (isProtected: boolean): UserDoc => ({
  ...{ handle: 'ada', joinedAt: at, joinedPosition: 1, name: 'Ada', nameVersion: [at, '1'] },
  ...{ bio: null, bioVersion: null },
  ...(isProtected ? { protected: true } : {}),
});
const ids = { nobody: null, 'the author': 'a', 'somebody mentioned': 'm', 'somebody else': 'v' } as const;

const hidingOf = (one: Case) => {
  if (one.hider === 'nobody') return {};
  const hider = isHider(one) ? (ids[one.viewer] ?? '') : 'h';
  const hiding = { hidden: true, version: [at, '6'] as const };
  return { hidden: true as const, hidings: { [hider]: hiding, x: { ...hiding, hidden: false } } };
};

const postOf = ({ visibility, post, ...one }: Case): PostDoc => ({
  ...hidingOf({ visibility, post, ...one }),
  ...{ author: 'a', createdAt: at, position: 2, inReplyTo: 'p0', body: 'hello', version: [at, '2'] },
  ...{ revisions: {}, deletions: {}, deleted: false, editedAt: null },
  ...(visibility === 'PUBLIC' ? {} : { visibility }),
  // Somebody else has tried to edit the post, which makes nobody an addressee.
  addressees: { a: ['m', 'x'], z: ['v'] },
  ...(post === 'deleted' ? { deleted: true, body: null } : {}),
  ...(post === 'hidden by a moderator' ? { moderated: true } : {}),
  ...(post === 'not published' ? { author: null, createdAt: null, body: null } : {}),
});
const followOf = (state: Case['follow'], object = 'a'): FollowDoc | undefined => {
  const doc: FollowDoc = {
    ...{ actor: 'v', object, active: state === 'holds' || state === 'is unchecked' },
    ...{ version: [at, '4'], position: 4, since: at },
  };
  if (state === 'never') return undefined;
  if (state === 'is asked for') return { ...doc, pending: true, requested: 4 };
  return state === 'is unchecked' ? { ...doc, unchecked: true } : doc;
};
const sharerFollows: Readonly<Record<Case['sharer'], Case['follow']>> = {
  ...{ open: 'never', protected: 'is asked for' },
  ...{ 'protected and followed': 'holds', 'protected and unchecked': 'is unchecked' },
};

const factsOf = (one: Case) => {
  const viewer = ids[one.viewer];
  const relation = hasRelations(one)
    ? {
        blocks: one.blocker === 'the viewer',
        isBlocked: one.blocker === 'the author',
        follow: followOf(one.follow),
      }
    : { blocks: false, isBlocked: false };
  const author = userOf(one.account === 'protected');
  const mute = { ...{ actor: 'v', object: 'a', active: true, version: [at, '5'], position: 5, since: at } };
  return {
    ...{ viewer, post: postOf(one), author, authorRelation: relation, id: 'a', user: author, relation },
    mutes:
      hasRelations(one) && one.muted === 'the author'
        ? [{ ...mute, version: [at, '5'], changed: 5 } as never]
        : [],
    words: [],
    now: Date.parse(at),
  };
};
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

const policies = [undefined, 'FOLLOWERS', 'FOLLOWED', 'MENTIONED', 'NOBODY'] as const;

/** Everything that decides who may reply: the viewer, both follows, the account, the policy, and whether the first post is deleted. */
const replyCases = viewers.flatMap((viewer) =>
  followings.flatMap((follow) =>
    followings.flatMap((followed) =>
      accounts.flatMap((account) =>
        policies.flatMap((policy) =>
          (['there', 'deleted', 'unknown'] as const).map((first) => ({
            ...{ viewer, follow, followed, account, policy, first },
          })),
        ),
      ),
    ),
  ),
);
type ReplyCase = (typeof replyCases)[number];

const replyReasons = ({ viewer, follow, followed, account, policy, first }: ReplyCase): Reason[] => {
  if (viewer === 'nobody') return ['nobody is signed in'];
  if (viewer === 'the author' || first === 'unknown') return [];
  const isApproved = follow === 'holds' || (follow === 'is unchecked' && account === 'open');
  return [
    policy === 'NOBODY' && 'only the author may reply',
    policy === 'MENTIONED' && viewer !== 'somebody mentioned' && 'the post does not mention the viewer',
    policy === 'FOLLOWERS' && !isApproved && 'the viewer is no follower',
    policy === 'FOLLOWED' && !['holds', 'is unchecked'].includes(followed) && 'the author does not follow',
  ];
};

const mayReplyIn = ({ viewer, follow, followed, account, policy, first }: ReplyCase): boolean => {
  const post = {
    ...{ author: 'a', createdAt: at, position: 2, inReplyTo: null, body: 'hello', version: [at, '2'] },
    ...{ revisions: {}, deletions: {}, deleted: first === 'deleted', editedAt: null },
    ...(policy === undefined ? {} : { replyPolicy: policy satisfies ReplyPolicy }),
    addressees: { a: ['m', 'x'], z: ['v'] },
  } as const;
  return mayReply({
    viewer: ids[viewer],
    first: first === 'unknown' ? undefined : (post as unknown as PostDoc),
    firstAuthor: userOf(account === 'protected'),
    follow: followOf(follow),
    followed: followOf(followed, 'v'),
  });
};

it.each([undefined, ...policies.slice(1)])('who may reply under the policy %s', (policy) => {
  const own = replyCases.filter((one) => one.policy === policy);
  const wrong = own.filter(
    (one) => mayReplyIn(one) !== replyReasons(one).every((reason) => reason === false),
  );
  expect(wrong.slice(0, 5)).toEqual([]);
  expect(own.some(mayReplyIn)).toBe(true);
  expect(replyCases).toHaveLength(3_000);
});

const quotePolicies = [undefined, 'FOLLOWERS', 'NOBODY'] as const;

/** Everything that decides who may quote: the viewer, the follow of the author, the visibility, the account and the policy. */
const quoteCases = viewers.flatMap((viewer) =>
  followings.flatMap((follow) =>
    visibilities.flatMap((visibility) =>
      accounts.flatMap((account) =>
        quotePolicies.map((policy) => ({ viewer, follow, visibility, account, policy })),
      ),
    ),
  ),
);

it.each(quotePolicies)('who may quote under the policy %s', (policy) => {
  const open = {
    blocker: 'nobody',
    post: 'there',
    muted: 'nobody',
    hider: 'nobody',
    sharer: 'open',
  } as const;
  const own = quoteCases.filter((one) => one.policy === policy);
  const reasonsOf = ({ viewer, follow, visibility, account }: (typeof own)[number]): Reason[] => {
    if (viewer === 'nobody') return ['nobody is signed in'];
    if (viewer === 'the author') return [];
    return [
      visibility !== 'PUBLIC' && 'not everybody may see the post',
      account === 'protected' && 'not everybody may see the posts of the account',
      policy === 'NOBODY' && 'only the author may quote it',
      policy === 'FOLLOWERS' && !['holds', 'is unchecked'].includes(follow) && 'the viewer is no follower',
    ];
  };
  const decide = (one: (typeof own)[number]): boolean => {
    const facts = factsOf({ ...one, ...open });
    const post = { ...facts.post, ...(policy === undefined ? {} : { quotePolicy: policy }) };
    return mayQuote({ ...facts, post });
  };
  const wrong = own.filter((one) => decide(one) !== reasonsOf(one).every((reason) => reason === false));
  expect(wrong.slice(0, 5)).toEqual([]);
  expect(own.some(decide)).toBe(true);
  expect(quoteCases).toHaveLength(360);
});
