import { newId } from '@rookery/runtime';
import {
  about,
  block,
  edit,
  follow,
  happened,
  hideShares,
  mute,
  publish,
  signUp,
  unblock,
  unfollow,
  unmute,
} from './feed-events-world.ts';

type Event = ReturnType<typeof publish>;

const moderator = newId();
const reason = { reason: 'Spam.' };
const suspend = (user: string) => happened('rookery.user.suspended', moderator, user, reason);
const hide = (post: string) => happened('rookery.post.hidden', moderator, post, reason);
const protect = (user: string) => happened('rookery.user.profile-updated', user, user, { protected: true });
/** A protected account takes a follower away. */
const reject = (user: string, follower: string) =>
  happened('rookery.user.follow-rejected', user, follower, {});
const revoke = (author: string, quoting: string) => about('rookery.post.quote-revoked', author, quoting);
const erase = (author: string, post: string) => about('rookery.post.deleted', author, post);
const muteWord = (actor: string, word: string) =>
  happened('rookery.user.word-muted', actor, newId(), { word });
const muteThread = (actor: string, post: string) => happened('rookery.post.thread-muted', actor, post, {});
const quote = (author: string, quoted: Event) =>
  publish(author, 'quoting', undefined, { quoted: quoted.id, quotedAuthor: quoted.actor });

/** A reader who follows a friend and Bob, and two people whose posts the friend shares and quotes. */
export const newScene = () => {
  const signUps = Array.from({ length: 5 }, signUp);
  const [reader = '', friend = '', bob = '', stranger = '', far = ''] = signUps.map(({ id }) => id);
  const [own, post, theirs] = [publish(reader), publish(friend), publish(bob)];
  const letter = publish(friend, 'a letter', undefined, { visibility: 'FOLLOWERS' });
  const [shared, quoted] = [publish(stranger), publish(far)];
  const quoting = quote(friend, quoted);
  const reply = publish(friend, 'a reply', theirs.id, { thread: theirs.id, threadAuthor: bob });
  const posts = { own, post, theirs, letter, shared, quoted, quoting, reply };
  const follows = [follow(reader, friend), follow(reader, bob)];
  return {
    ...{ reader, friend, bob, stranger, far, ...posts },
    events: [
      ...signUps,
      ...follows,
      ...Object.values(posts),
      about('rookery.post.shared', friend, shared.id),
    ],
  };
};

export type Scene = ReturnType<typeof newScene>;
export type PostName = 'post' | 'letter' | 'shared' | 'quoted' | 'quoting' | 'reply';

/** Lists of new things: the fields that they show, an act that they show, and a text that is shown for that act alone. */
export const lists = {
  friendsFeed: {
    selection: 'node { actor { id } post { id } }',
    act: (actor: string) => publish(actor),
    mark: ({ id }: Event) => id,
  },
  notifications: {
    selection: 'node { kind actors { id } actorCount }',
    act: (actor: string, { own }: Scene) => happened('rookery.post.liked', actor, own.id, {}),
    mark: ({ actor }: Event) => actor,
  },
  followRequests: {
    selection: 'node { id }',
    act: (actor: string, { reader }: Scene) => happened('rookery.user.follow-requested', actor, reader, {}),
    mark: ({ actor }: Event) => actor,
  },
} as const;
export type ListName = keyof typeof lists;

/** A rule that begins or ceases to hide something. */
export interface Row {
  readonly rule: string;
  /** More events of the scene. */
  readonly before?: (scene: Scene) => Event[];
  readonly happens: (scene: Scene) => Event[];
  /** The next event of `friendsFeedEvents`, or the next ones. */
  readonly feed: (scene: Scene) => object | readonly object[];
  /** Open posts that end, and those that are delivered with these fields. */
  readonly ends?: readonly PostName[];
  readonly changes?: { readonly [post in PostName]?: object };
  /** Lists that show nothing of what the friend does from now on. */
  readonly silences?: readonly ListName[];
}

const reload = () => ({ kind: 'RELOAD', itemId: null, postId: null, actorId: null });
const friendGone = ({ friend }: Scene) => ({ kind: 'REMOVED', actorId: friend });
const changed = (name: PostName) => (scene: Scene) => ({ kind: 'CHANGED', post: { id: scene[name].id } });
const gone = (name: PostName) => (scene: Scene) => ({ kind: 'REMOVED', postId: scene[name].id });
/** Nothing but what Bob posts next. */
const nothing = ({ bob }: Scene) => ({ kind: 'ADDED', item: { actor: { id: bob } } });

const everyList = ['friendsFeed', 'notifications', 'followRequests'] as const;
const unquoted = { quoting: { quotedPost: null } };

const blocks: readonly Row[] = [
  ...[
    { rule: 'a block of a friend', happens: ({ reader, friend }: Scene) => [block(reader, friend)] },
    { rule: 'a block by a friend', happens: ({ reader, friend }: Scene) => [block(friend, reader)] },
  ].map((row) => ({
    ...{ ...row, feed: friendGone, silences: everyList },
    ends: ['post', 'letter', 'quoting', 'reply'] as const,
  })),
  ...[
    { rule: 'a block of the author of a shared post', happens: (s: Scene) => [block(s.reader, s.stranger)] },
    { rule: 'a block by the author of a shared post', happens: (s: Scene) => [block(s.stranger, s.reader)] },
  ].map((row) => ({ ...row, feed: reload, ends: ['shared'] as const })),
  ...[
    { rule: 'a block of a quoted author', happens: ({ reader, far }: Scene) => [block(reader, far)] },
    { rule: 'a block by a quoted author', happens: ({ reader, far }: Scene) => [block(far, reader)] },
  ].map((row) => ({ ...row, feed: reload, ends: ['quoted'] as const, changes: unquoted })),
  ...[
    {
      rule: 'a block of a quoted author by the quoting one',
      happens: (s: Scene) => [block(s.friend, s.far)],
    },
    {
      rule: 'a block of a quoting author by the quoted one',
      happens: (s: Scene) => [block(s.far, s.friend)],
    },
  ].map((row) => ({ ...row, feed: changed('quoting'), changes: unquoted })),
  {
    rule: 'a block between the authors of several quotes',
    before: ({ friend, quoted }) => [quote(friend, quoted)],
    happens: ({ friend, far }) => [block(friend, far)],
    feed: reload,
  },
  {
    rule: 'the end of a block between quoting and quoted author',
    before: ({ friend, far }) => [block(far, friend)],
    happens: ({ friend, far }) => [unblock(far, friend)],
    feed: changed('quoting'),
    changes: { quoting: { quotedPost: { body: 'first' } } },
  },
  {
    rule: 'a second block between the two',
    before: ({ friend, far }) => [block(far, friend)],
    happens: ({ friend, far, bob }) => [block(friend, far), publish(bob)],
    feed: nothing,
  },
  {
    rule: 'a block between authors of a revoked quote',
    happens: ({ friend, far, bob, quoting }) => [
      ...[revoke(far, quoting.id), block(friend, far)],
      publish(bob),
    ],
    feed: (scene) => [changed('quoting')(scene), nothing(scene)],
  },
  {
    rule: 'a block between authors of a quote that shows nothing to the reader',
    before: ({ reader, far }) => [block(far, reader)],
    happens: ({ friend, far, bob }) => [block(friend, far), publish(bob)],
    feed: nothing,
  },
  {
    rule: 'the deletion of a post of the feed that somebody quotes behind a block',
    before: ({ friend, bob, theirs }) => [quote(friend, theirs), block(bob, friend)],
    happens: ({ bob, theirs }) => [erase(bob, theirs.id)],
    feed: ({ theirs }) => ({ kind: 'REMOVED', postId: theirs.id }),
  },
];

const mutes: readonly Row[] = [
  {
    rule: 'a mute of a friend',
    happens: ({ reader, friend }) => [mute(reader, friend)],
    feed: reload,
    silences: ['friendsFeed', 'notifications'],
  },
  {
    rule: 'the end of a mute',
    before: ({ reader, friend }) => [mute(reader, friend)],
    happens: ({ reader, friend }) => [unmute(reader, friend)],
    feed: reload,
  },
  {
    rule: 'a mute of a thread',
    happens: ({ reader, theirs }) => [muteThread(reader, theirs.id)],
    feed: reload,
  },
  {
    rule: 'an edit that brings a muted word',
    before: ({ reader }) => [muteWord(reader, 'crow')],
    happens: ({ friend, post }) => [edit(friend, post.id, 'a crow')],
    feed: gone('post'),
  },
  {
    rule: 'hidden shares',
    happens: ({ reader, friend }) => [hideShares(reader, friend)],
    feed: reload,
  },
];

const audiences: readonly Row[] = [
  {
    rule: 'the protection of the author of a shared post',
    happens: ({ stranger }) => [protect(stranger)],
    feed: reload,
    ends: ['shared'],
  },
  {
    rule: 'the protection of a quoted author',
    happens: ({ far }) => [protect(far)],
    feed: reload,
    ends: ['quoted'],
    changes: unquoted,
  },
  {
    rule: 'the protection of a quoted author whom a block hides',
    before: ({ reader, far }) => [block(far, reader)],
    happens: ({ far, bob }) => [protect(far), publish(bob)],
    feed: nothing,
  },
  {
    rule: 'the end of a follow',
    happens: ({ reader, friend }) => [unfollow(reader, friend)],
    feed: friendGone,
    ends: ['letter'],
    silences: ['friendsFeed'],
  },
  {
    rule: 'the end of a follow of a protected quoted author',
    before: ({ reader, far }) => [follow(reader, far), protect(far)],
    happens: ({ reader, far }) => [unfollow(reader, far)],
    feed: reload,
    ends: ['quoted'],
    changes: unquoted,
  },
  {
    rule: 'a follower who is taken away',
    happens: ({ reader, friend }) => [reject(friend, reader)],
    feed: friendGone,
    ends: ['letter'],
    silences: ['friendsFeed'],
  },
];

const texts: readonly Row[] = [
  {
    rule: 'a hidden reply',
    happens: ({ bob, reply }) => [about('rookery.post.reply-hidden', bob, reply.id)],
    feed: changed('reply'),
    changes: { reply: { isHiddenReply: true } },
  },
  {
    rule: 'a revoked quote',
    happens: ({ far, quoting }) => [revoke(far, quoting.id)],
    feed: changed('quoting'),
    changes: unquoted,
  },
  ...[
    { rule: 'the deletion of a post', end: ({ friend, post }: Scene) => erase(friend, post.id) },
    { rule: 'the hiding of a post by a moderator', end: ({ post }: Scene) => hide(post.id) },
  ].map(({ rule, end }) => ({
    ...{ rule, happens: (scene: Scene) => [end(scene)] },
    ...{ feed: gone('post'), ends: ['post'] as const },
  })),
  ...[
    {
      rule: 'the deletion of a shared post',
      end: ({ stranger, shared }: Scene) => erase(stranger, shared.id),
    },
    { rule: 'the hiding of a shared post by a moderator', end: ({ shared }: Scene) => hide(shared.id) },
  ].map(({ rule, end }) => ({
    ...{ rule, happens: (scene: Scene) => [end(scene)] },
    ...{ feed: gone('shared'), ends: ['shared'] as const },
  })),
  ...[
    { rule: 'the deletion of a quoted post', end: ({ far, quoted }: Scene) => erase(far, quoted.id) },
    { rule: 'the hiding of a quoted post by a moderator', end: ({ quoted }: Scene) => hide(quoted.id) },
  ].map(({ rule, end }) => ({
    ...{ rule, happens: (scene: Scene) => [end(scene)], feed: changed('quoting') },
    ...{ ends: ['quoted'] as const, changes: unquoted },
  })),
  {
    rule: 'an edit of a post',
    happens: ({ friend, post }) => [edit(friend, post.id, 'second')],
    feed: changed('post'),
    changes: { post: { body: 'second' } },
  },
  {
    rule: 'an edit of a shared post',
    happens: ({ stranger, shared }) => [edit(stranger, shared.id, 'second')],
    feed: changed('shared'),
    changes: { shared: { body: 'second' } },
  },
  {
    rule: 'an edit of a quoted post',
    happens: ({ far, quoted }) => [edit(far, quoted.id, 'second')],
    feed: changed('quoting'),
    changes: { quoted: { body: 'second' }, quoting: { quotedPost: { body: 'second' } } },
  },
  {
    rule: 'the end of a share',
    happens: ({ friend, shared }) => [about('rookery.post.unshared', friend, shared.id)],
    feed: () => ({ kind: 'REMOVED', postId: null, actorId: null }),
  },
];

/** A suspension wakes every open feed, so that these rows come last. */
export const suspensions: readonly Row[] = [
  {
    rule: 'the suspension of a friend',
    happens: ({ friend }) => [suspend(friend)],
    feed: reload,
    ends: ['post', 'letter', 'quoting'],
    silences: everyList,
  },
  {
    rule: 'the suspension of the author of a shared post',
    happens: ({ stranger }) => [suspend(stranger)],
    feed: reload,
    ends: ['shared'],
  },
  {
    rule: 'the suspension of a quoted author',
    happens: ({ far }) => [suspend(far)],
    feed: reload,
    ends: ['quoted'],
    changes: unquoted,
  },
  {
    rule: 'the suspension of a quoted author whom a block hides',
    before: ({ reader, far }) => [block(far, reader)],
    happens: ({ far, bob }) => [suspend(far), publish(bob)],
    feed: nothing,
  },
];

export const rules: readonly Row[] = [...blocks, ...mutes, ...audiences, ...texts];
