import { describe, expect, it } from 'vitest';
import type { ItemDoc, PostDoc, RelationDoc, UserDoc } from './index.ts';
import {
  belongsInFriendsFeed,
  isNotifiedOf,
  mayKnowUser,
  maySeeActivity,
  maySeeEntry,
  maySeeFollow,
  maySeeFriendsEntry,
  maySeeItem,
  maySeePost,
  unrelated,
} from './visibility.ts';

const at = '2026-01-01T00:00:00.000Z';
const user: UserDoc = {
  handle: 'ada',
  joinedAt: at,
  joinedPosition: 1,
  name: 'Ada',
  nameVersion: [at, '1'],
  bio: null,
  bioVersion: null,
};
const post: PostDoc = {
  author: 'a',
  createdAt: at,
  position: 2,
  inReplyTo: null,
  body: 'hello',
  version: [at, '2'],
  revisions: {},
  deletions: {},
  deleted: false,
  editedAt: null,
};
const item: ItemDoc = {
  actor: 'b',
  verb: 'SHARE',
  post: 'p',
  at,
  position: 3,
  active: true,
  version: [at, '3'],
  deletions: {},
};
const follow: RelationDoc = {
  actor: 'a',
  object: 'b',
  active: true,
  version: [at, '1'],
  position: 1,
  since: at,
};
const nobody: UserDoc = { ...user, handle: null, joinedAt: null };
/** Nobody blocks anybody here: visibility-table.test.ts has the blocks. */
const met = {
  viewer: 'v',
  authorRelation: unrelated,
  actorRelation: unrelated,
  mutes: [],
  words: [],
  now: 0,
};

describe('a user', () => {
  it('may be known once the sign-up is', () => {
    expect(mayKnowUser(user)).toBe(true);
    expect(mayKnowUser(nobody)).toBe(false);
    expect(mayKnowUser(undefined)).toBe(false);
  });
});

describe('a post', () => {
  it('may be seen while it is published and its author known', () => {
    expect(maySeePost({ post, author: user, ...met })).toBe(true);
  });
  it.each<[string, PostDoc | undefined, UserDoc | undefined]>([
    ['never written', undefined, undefined],
    ['edited before its publication', { ...post, author: null, createdAt: null, body: null }, undefined],
    ['deleted', { ...post, deleted: true }, user],
    ['of an author not known', post, undefined],
    ['of an author not signed up yet', post, nobody],
  ])('may not be seen when %s', (_why, hidden, author) => {
    expect(maySeePost({ post: hidden, author, ...met })).toBe(false);
    // Nor by way of an item that shares it.
    expect(maySeeItem({ item, actor: user, post: hidden, author, ...met })).toBe(false);
  });
});

describe('a feed item', () => {
  it('may be seen while the act holds, and its actor and post may be seen', () => {
    expect(maySeeItem({ item, actor: user, post, author: user, ...met })).toBe(true);
  });
  it.each<[string, ItemDoc | undefined, UserDoc | undefined]>([
    ['there is none', undefined, user],
    ['it was taken back', { ...item, active: false }, user],
    ['nobody is known to have done it', { ...item, actor: null, at: null }, undefined],
    ['its actor is not known', item, undefined],
    ['its actor has not signed up yet', item, nobody],
  ])('may not be seen when %s', (_why, hidden, actor) => {
    expect(maySeeItem({ item: hidden, actor, post, author: user, ...met })).toBe(false);
  });
});

describe('an entry of a list', () => {
  const facts = { item, actor: user, post, author: user, ...met };
  it('is shown at the position of its item only', () => {
    expect(maySeeEntry({ ...facts, foundAt: 3 })).toBe(true);
    expect(maySeeEntry({ ...facts, foundAt: 2 })).toBe(false);
    expect(maySeeEntry({ ...facts, foundAt: 3, post: { ...post, deleted: true } })).toBe(false);
    expect(maySeeEntry({ ...facts, foundAt: 3, item: undefined })).toBe(false);
  });
  it('is in a friends feed while the viewer follows its actor', () => {
    const left = { ...follow, active: false };
    expect(maySeeFriendsEntry({ ...facts, foundAt: 3, follow })).toBe(true);
    expect(maySeeFriendsEntry({ ...facts, foundAt: 3, follow: left })).toBe(false);
    expect(maySeeFriendsEntry({ ...facts, foundAt: 3, follow: undefined })).toBe(false);
    expect(maySeeFriendsEntry({ ...facts, foundAt: 2, follow })).toBe(false);
  });
});

describe('lists and receipts', () => {
  const other = { viewer: 'v', id: 'a' };
  it('the friends feed has those whom the viewer follows, and nobody else', () => {
    expect(belongsInFriendsFeed(follow)).toBe(true);
    expect(belongsInFriendsFeed({ ...follow, active: false })).toBe(false);
    expect(belongsInFriendsFeed(undefined)).toBe(false);
  });
  it('a follow is listed while it holds and its other end may be known', () => {
    expect(maySeeFollow({ ...other, follow, user, relation: unrelated })).toBe(true);
    expect(maySeeFollow({ ...other, follow: { ...follow, active: false }, user, relation: unrelated })).toBe(
      false,
    );
    expect(maySeeFollow({ ...other, follow, user: nobody, relation: unrelated })).toBe(false);
  });
  it("an activity is its actor's business", () => {
    expect(maySeeActivity('a', 'a')).toBe(true);
    expect(maySeeActivity('a', 'b')).toBe(false);
    expect(maySeeActivity('a', null)).toBe(false);
  });
});

it.each([
  // [setting, list, follows, is notified]
  ['EVERYONE', 'MAIN', false, true],
  ['EVERYONE', 'MAIN', true, true],
  ['EVERYONE', 'OTHERS', false, true],
  ['EVERYONE', 'OTHERS', true, false],
  ['FOLLOWED', 'MAIN', false, false],
  ['FOLLOWED', 'MAIN', true, true],
  ['FOLLOWED', 'OTHERS', false, true],
  ['FOLLOWED', 'OTHERS', true, false],
  ['NOBODY', 'MAIN', false, false],
  ['NOBODY', 'MAIN', true, false],
  ['NOBODY', 'OTHERS', false, false],
  ['NOBODY', 'OTHERS', true, false],
] as const)(
  'with %s, the list %s has people whom the viewer follows (%s): %s',
  (from, list, isFollowed, isThere) => {
    expect(isNotifiedOf({ isFollowed }, list, from)).toBe(isThere);
  },
);
