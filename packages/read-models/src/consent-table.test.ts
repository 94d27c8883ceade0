import { expect, it } from 'vitest';
import {
  accounts,
  at,
  factsOf,
  followings,
  followOf,
  ids,
  type Reason,
  userOf,
  viewers,
  visibilities,
} from './audience-cases.ts';
import type { PostDoc, ReplyPolicy } from './index.ts';
import { mayQuote, mayReply } from './visibility.ts';

/* The decision tables of consent: who may reply in the thread that a post begins, and who may quote the post. */

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
