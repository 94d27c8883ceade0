import { expect, it } from 'vitest';
import type { ItemDoc, MuteDoc, PostDoc, RelationDoc, UserDoc } from './index.ts';
import {
  type MutedWord,
  mayCountUse,
  mayFollowUp,
  maySeeActivityOf,
  maySeeBlocked,
  maySeeEntry,
  maySeeFollow,
  maySeeFound,
  maySeeFoundUser,
  maySeeFriendsEntry,
  maySeeMention,
  maySeeMuted,
  maySeePlace,
  maySeePost,
  maySeeReaction,
  maySeeReply,
  maySeeUser,
  type ViewerRelation,
} from './visibility.ts';

/*
 * The decision table of the rules: every combination of what the viewer is to author and actor, of the states of user, post,
 * item and follow, and of the path. The expected answers are from the list of reasons below, which is written from the
 * promises and shares nothing with the rules.
 */

const blocks = ['nobody', 'the viewer', 'the other', 'both'] as const;
const userStates = ['absent', 'not signed up', 'known', 'suspended'] as const;
const postStates = ['absent', 'not published', 'deleted', 'hidden by a moderator', 'there'] as const;
const itemStates = ['absent', 'taken back', 'moved', 'there'] as const;
const mutes = ['nobody', 'actor', 'author', 'author until now', 'author until later'] as const;
/** A word of the text that the viewer mutes: until a time, or for good. */
const words = ['none', 'another', 'one', 'one until now', 'one until later'] as const;
/** Mute of the thread by the viewer. */
const threads = ['open', 'muted', 'muted until now'] as const;
const followStates = ['never', 'ended', 'holds'] as const;

interface Case {
  /** Blocker, of the viewer and the author. */
  readonly author: (typeof blocks)[number];
  readonly authorIs: (typeof userStates)[number];
  readonly post: (typeof postStates)[number];
  /** Blocker, of the viewer and the actor. */
  readonly actor: (typeof blocks)[number];
  readonly item: (typeof itemStates)[number];
  readonly follow: (typeof followStates)[number];
  /** Whom the viewer has muted. */
  readonly mute: (typeof mutes)[number];
  readonly word: (typeof words)[number];
  readonly thread: (typeof threads)[number];
}

/** Why the viewer is not shown something. */
type Reason = false | string;

const postReasons = ({ author, authorIs, post }: Case): Reason[] => [
  author !== 'nobody' && 'there is a block between viewer and author, whoever has set it',
  authorIs !== 'known' && 'nobody is known to be the author',
  post !== 'there' && `the post is ${post}`,
];
const itemReasons = (one: Case): Reason[] => [
  ...postReasons(one),
  one.actor !== 'nobody' && 'there is a block between viewer and actor, whoever has set it',
  one.item !== 'there' && `the item is ${one.item}`,
];

const mutedReason =
  (...whom: Case['mute'][]) =>
  ({ mute }: Case): Reason =>
    whom.includes(mute) && `the viewer has muted the ${mute}`;

const wordReason = ({ word }: Case): Reason =>
  ['one', 'one until later'].includes(word) && 'the viewer mutes a word of it';
const threadReason = ({ thread }: Case): Reason => thread === 'muted' && 'the viewer mutes its thread';

const at = '2026-01-01T00:00:00.000Z';
const users: Readonly<Record<Case['authorIs'], UserDoc | undefined>> = (() => {
  const known: UserDoc = {
    ...{ handle: 'ada', joinedAt: at, joinedPosition: 1, name: 'Ada', nameVersion: [at, '1'] },
    ...{ bio: null, bioVersion: null },
  };
  return {
    known,
    absent: undefined,
    'not signed up': { ...known, handle: null, joinedAt: null },
    suspended: { ...known, suspended: true },
  };
})();
const posts: Readonly<Record<Case['post'], PostDoc | undefined>> = (() => {
  const there: PostDoc = {
    ...{ author: 'a', createdAt: at, position: 2, inReplyTo: 'p0', body: 'hello', version: [at, '2'] },
    ...{ revisions: {}, deletions: {}, deleted: false, editedAt: null },
  };
  return {
    there,
    absent: undefined,
    deleted: { ...there, body: null, deleted: true },
    'hidden by a moderator': { ...there, moderated: true },
    'not published': { ...there, author: null, createdAt: null, body: null },
  };
})();
const foundAt = 3;
const items: Readonly<Record<Case['item'], ItemDoc | undefined>> = (() => {
  const there: ItemDoc = {
    ...{ actor: 'b', verb: 'SHARE', post: 'p', at, position: foundAt, active: true },
    ...{ version: [at, '3'], deletions: {} },
  };
  return {
    there,
    absent: undefined,
    'taken back': { ...there, active: false },
    moved: { ...there, position: foundAt + 1 },
  };
})();
const followOf = (active: boolean): RelationDoc => ({
  ...{ actor: 'v', object: 'b', active, version: [at, '4'], position: 4, since: at },
});
const follows = { never: undefined, ended: followOf(false), holds: followOf(true) } as const;
const relationOf = (who: Case['author']): ViewerRelation => ({
  blocks: who === 'the viewer' || who === 'both',
  isBlocked: who === 'the other' || who === 'both',
});

const now = Date.parse(at);
const muteOf = (until?: number): MuteDoc => ({
  ...{ actor: 'v', object: 'b', active: true, version: [at, '5'], position: 5, since: at, changed: 5 },
  ...(until === undefined ? {} : { until: new Date(until).toISOString() }),
});
const inactive: MuteDoc = { ...muteOf(), active: false, position: null, since: null };
const muteFacts: Readonly<Record<Case['mute'], readonly [MuteDoc | undefined, MuteDoc | undefined]>> = {
  nobody: [undefined, inactive],
  actor: [muteOf(), undefined],
  author: [undefined, muteOf()],
  'author until now': [undefined, muteOf(now)],
  'author until later': [undefined, muteOf(now + 1)],
};

const wordFacts: Readonly<Record<Case['word'], readonly MutedWord[]>> = {
  none: [],
  another: [{ pattern: '\0ell\0', ends: now + 1 }],
  one: [
    { pattern: '\0hello\0', ends: now + 1 },
    { pattern: '\0ell\0', ends: now + 1 },
  ],
  'one until now': [{ pattern: '\0hello\0', ends: now }],
  'one until later': [{ pattern: '\0hello\0', ends: now + 1 }],
};
const threadFacts: Readonly<Record<Case['thread'], MuteDoc | undefined>> = {
  open: undefined,
  muted: muteOf(),
  'muted until now': muteOf(now),
};

const factsOf = ({ author, authorIs, post, actor, item, follow, mute, word, thread }: Case) => ({
  viewer: 'v',
  mutes: [...muteFacts[mute], threadFacts[thread]],
  words: wordFacts[word],
  now,
  post: posts[post],
  author: users[authorIs],
  authorRelation: relationOf(author),
  item: items[item],
  foundAt,
  actor: users.known,
  actorRelation: relationOf(actor),
  follow: follows[follow],
});
const userFactsOf = ({ author, authorIs, mute }: Case) => ({
  viewer: 'v',
  id: 'a',
  mutes: muteFacts[mute],
  now,
  user: users[authorIs],
  relation: relationOf(author),
});

interface Path {
  readonly reasons: (one: Case) => Reason[];
  readonly decide: (one: Case) => boolean;
}

/** Each path to something that the author or the actor has done, or to the author. */
const paths: Readonly<Record<string, Path>> = {
  'a reply in the list of replies': {
    reasons: (one) => [
      ...postReasons(one),
      mutedReason('author', 'author until later')(one),
      wordReason(one),
    ],
    decide: (one) => maySeeReply({ ...factsOf(one), mutes: [muteFacts[one.mute][1]] }),
  },
  'a place in a thread, of a reply that was answered': {
    reasons: ({ post, ...one }) => [
      ...postReasons({ ...one, post: 'there' }),
      (post === 'absent' || post === 'not published') && `the post is ${post}`,
      post === 'there' && mutedReason('author', 'author until later')({ ...one, post }),
      post === 'there' && wordReason({ ...one, post }),
    ],
    decide: (one) => maySeePlace({ ...factsOf(one), mutes: [muteFacts[one.mute][1]], replyCount: 1 }),
  },
  'a post that a hashtag or a search finds': {
    reasons: (one) => [
      ...postReasons(one),
      mutedReason('author', 'author until later')(one),
      wordReason(one),
    ],
    decide: (one) => maySeeFound({ ...factsOf(one), mutes: [muteFacts[one.mute][1]] }),
  },
  'a post that counts as a use of its hashtags': {
    reasons: (one) => [
      ...postReasons(one),
      mutedReason('author', 'author until later')(one),
      wordReason(one),
    ],
    decide: (one) => mayCountUse({ ...factsOf(one), mutes: [muteFacts[one.mute][1]] }),
  },
  'a post of which the viewer is notified': {
    reasons: (one) => [
      ...postReasons(one),
      mutedReason('author', 'author until later')(one),
      threadReason(one),
      wordReason(one),
    ],
    decide: (one) =>
      maySeeFound({ ...factsOf(one), mutes: [muteFacts[one.mute][1], threadFacts[one.thread]] }),
  },
  'a user whom a post mentions': {
    reasons: ({ author, authorIs }) => [
      author !== 'nobody' && 'there is a block between viewer and user',
      authorIs !== 'known' && 'nobody is known by it',
    ],
    decide: (one) => maySeeMention(userFactsOf(one)),
  },
  'a user whom a search finds': {
    reasons: ({ author, authorIs }) => [
      author !== 'nobody' && 'there is a block between viewer and user',
      authorIs !== 'known' && 'nobody is known by it',
    ],
    decide: (one) => maySeeFoundUser(userFactsOf(one)),
  },
  'a user in the list of those whom the viewer mutes': {
    reasons: ({ authorIs, mute }) => [
      authorIs !== 'known' && 'nobody is known by it',
      !['author', 'author until later'].includes(mute) && 'the viewer does not mute them',
    ],
    decide: (one) => maySeeMuted({ ...userFactsOf(one), mutes: [muteFacts[one.mute][1]] }),
  },
  'a post by id, as an embed or bookmark': {
    reasons: postReasons,
    decide: (one) => maySeePost(factsOf(one)),
  },
  'what a post answered, by its tombstone': {
    reasons: ({ post, ...one }) => [
      ...postReasons({ ...one, post: 'there' }),
      post !== 'deleted' &&
        post !== 'hidden by a moderator' &&
        'only deleted posts have tombstones that tell',
    ],
    decide: (one) => mayFollowUp(factsOf(one)),
  },
  "an item of its actor's feed": {
    reasons: itemReasons,
    decide: (one) => maySeeEntry(factsOf(one)),
  },
  'an item of the friends feed, as a page or live': {
    reasons: (one) => [
      ...itemReasons(one),
      one.follow !== 'holds' && 'the viewer does not follow',
      mutedReason('actor', 'author', 'author until later')(one),
      threadReason(one),
      wordReason(one),
    ],
    decide: (one) => maySeeFriendsEntry(factsOf(one)),
  },
  'a user by id, handle or reference': {
    reasons: ({ author, authorIs }) => [
      (author === 'the other' || author === 'both') && 'they block the viewer',
      authorIs !== 'known' && 'nobody is known by it',
    ],
    decide: (one) => maySeeUser(userFactsOf(one)),
  },
  'a user in a list of followers or followings': {
    reasons: ({ author, authorIs, follow }) => [
      author !== 'nobody' && 'there is a block between viewer and user',
      authorIs !== 'known' && 'nobody is known by it',
      follow !== 'holds' && 'nobody follows',
    ],
    decide: (one) => maySeeFollow({ ...userFactsOf(one), follow: follows[one.follow] ?? followOf(false) }),
  },
  'a user in the list of those who like or share a post': {
    reasons: ({ author, authorIs, follow }) => [
      author !== 'nobody' && 'there is a block between viewer and user',
      authorIs !== 'known' && 'nobody is known by it',
      follow !== 'holds' && 'the like or share does not hold',
    ],
    decide: (one) =>
      maySeeReaction({ ...userFactsOf(one), reaction: follows[one.follow] ?? followOf(false) }),
  },
  'lists and counts of a user': {
    reasons: ({ author }) => [author !== 'nobody' && 'there is a block between viewer and user'],
    decide: ({ author }) => maySeeActivityOf(relationOf(author)),
  },
  'a user in the list of those whom the viewer blocks': {
    reasons: ({ authorIs }) => [authorIs !== 'known' && 'nobody is known by it'],
    decide: (one) => maySeeBlocked(userFactsOf(one)),
  },
};

/** Mutes of words and of threads, the one without the other. */
const muteStates = [
  ...words.map((word) => ({ word, thread: 'open' as const })),
  ...threads.slice(1).map((thread) => ({ word: 'none' as const, thread })),
];

const cases: readonly Case[] = blocks.flatMap((author) =>
  userStates.flatMap((authorIs) =>
    postStates.flatMap((post) =>
      blocks.flatMap((actor) =>
        itemStates.flatMap((item) =>
          followStates.flatMap((follow) =>
            mutes.flatMap((mute) =>
              muteStates.map((muted) => ({ author, authorIs, post, actor, item, follow, mute, ...muted })),
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
    expect(wrong).toEqual([]);
    // No path may be closed to all, or the table would prove nothing.
    expect(cases.some(decide)).toBe(true);
    expect(cases).toHaveLength(134_400);
  },
);
