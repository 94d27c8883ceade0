import type { RecordedEvent } from '@rookery/schema/events';
import { type Fact, record } from './recorded-events.ts';
import { act, ada, ben, cyd, first, publish, second, signUps, third } from './scene.ts';
import { toldByNotifications } from './telling-notifications.ts';

/* Histories in which a rule decides that random ones seldom reach, because two or three events must agree on their people and posts. */

const tagged = { body: '#rook' };
const list = 'c0000000-0000-4000-8000-000000000001';

const toldBy: Readonly<Record<string, readonly Fact[]>> = {
  'somebody blocks another, who does not block back': [
    publish(ada, first, 3),
    act('rookery.user.blocked', ada, ben, 4),
  ],
  'a post for followers has one': [
    publish(ada, first, 3, { visibility: 'FOLLOWERS' }),
    act('rookery.user.followed', ben, ada, 4),
  ],
  'somebody takes another name': [act('rookery.user.profile-updated', ada, ada, 3, { name: 'rook' })],
  'an edit leaves out a mention': [
    publish(ada, first, 3, { mentions: [ben] }),
    act('rookery.post.edited', ada, first, 4, { body: 'daw', mentions: [] }),
  ],
  'somebody hides a reply in the thread of another, and sets its policy': [
    publish(ada, first, 3),
    publish(ben, second, 4, { inReplyTo: first, thread: first, threadAuthor: ada }),
    act('rookery.post.reply-hidden', cyd, second, 5),
    act('rookery.post.policy-set', cyd, first, 6, { replies: 'NOBODY', quotes: 'NOBODY' }),
  ],
  'somebody quotes a post while nobody can ask whose it is': [
    publish(ada, first, 3),
    publish(ben, second, 4, { quoted: first }),
  ],
  'somebody mutes the thread of a friend': [
    publish(ada, first, 3),
    act('rookery.user.followed', ben, ada, 4),
    act('rookery.post.thread-muted', ben, first, 5),
  ],
  'somebody mutes a word that they use themselves': [
    publish(ben, first, 3),
    act('rookery.user.word-muted', ben, 'd0000000-0000-4000-8000-000000000001', 4, { word: 'crow' }),
  ],
  'the author of a quoted post revokes the quote': [
    publish(ada, first, 3),
    publish(ben, second, 4, { quoted: first, quotedAuthor: ada }),
    act('rookery.post.quote-revoked', ada, second, 5),
  ],
  'the author of a thread hides a reply': [
    publish(ada, first, 3),
    publish(ben, second, 4, { inReplyTo: first, thread: first, threadAuthor: ada }),
    act('rookery.post.reply-hidden', ada, second, 5),
  ],
  'the author of a thread lets only those reply whom they follow': [
    publish(ada, first, 3, { replies: 'FOLLOWED' }),
    act('rookery.user.followed', ada, ben, 4),
  ],
  'somebody replies while nobody can ask whether they may, and the author of the thread shows one of the replies':
    [
      publish(ada, first, 3, { replies: 'NOBODY' }),
      publish(ben, second, 4, { inReplyTo: first, unchecked: true }),
      publish(cyd, third, 4, { inReplyTo: first, unchecked: true, threadAuthor: ada }),
      act('rookery.post.reply-unhidden', ada, third, 5),
    ],
  'somebody shares a post that was edited, and another a reply that is hidden later': [
    publish(ada, first, 3),
    act('rookery.post.edited', ada, first, 4, { body: 'daw' }),
    act('rookery.post.shared', ben, first, 5),
    publish(ben, second, 6, { inReplyTo: first, thread: first, threadAuthor: ada }),
    act('rookery.post.edited', ben, second, 7, { body: 'daw' }),
    act('rookery.post.shared', cyd, second, 8),
    act('rookery.post.reply-hidden', ada, second, 9),
  ],
  'somebody edits a post after another has shared it': [
    publish(ada, first, 3),
    act('rookery.post.shared', ben, first, 4),
    act('rookery.post.edited', ada, first, 5, { body: 'daw' }),
  ],
  'a friend replies to a friend': [
    publish(cyd, first, 3),
    publish(ben, second, 4, { inReplyTo: first, thread: first, threadAuthor: cyd }),
    act('rookery.user.followed', ada, ben, 5),
    act('rookery.user.followed', ada, cyd, 5),
  ],
  'a friend replies to a stranger': [
    publish(cyd, first, 3),
    publish(ben, second, 4, { inReplyTo: first, thread: first, threadAuthor: cyd }),
    act('rookery.user.followed', ada, ben, 5),
  ],
  'one whom a friend follows may be suggested': [
    act('rookery.user.followed', ada, ben, 3),
    act('rookery.user.followed', ben, cyd, 4),
  ],
  'a friend who is muted suggests nobody': [
    act('rookery.user.followed', ada, ben, 3),
    act('rookery.user.followed', ben, cyd, 4),
    act('rookery.user.muted', ada, ben, 5),
  ],
  'a friend who is suspended suggests nobody': [
    act('rookery.user.followed', ada, ben, 3),
    act('rookery.user.followed', ben, cyd, 4),
    act('rookery.user.suspended', cyd, ben, 5, { reason: 'jay' }),
  ],
  'a member of a list is muted, and posts a muted word': [
    { ...act('rookery.list.created', ben, list, 3, { name: 'jay' }), id: list },
    act('rookery.list.member-added', ben, list, 4, { member: ada }),
    act('rookery.list.member-added', ben, list, 4, { member: cyd }),
    publish(ada, first, 5),
    publish(cyd, second, 5, { body: 'rook' }),
    act('rookery.user.muted', ben, ada, 6),
    act('rookery.user.word-muted', ben, 'd0000000-0000-4000-8000-000000000001', 6, { word: 'rook' }),
  ],
  'a moderator hides a post with a reply, and suspends who has liked it': [
    publish(ada, first, 3),
    publish(ben, second, 4, { inReplyTo: first }),
    act('rookery.post.liked', cyd, first, 4),
    act('rookery.post.hidden', ben, first, 5, { reason: 'jay' }),
    act('rookery.user.suspended', ben, cyd, 5, { reason: 'jay' }),
  ],
  'one of three edits a hashtag away that all use': [
    ...[publish(ada, first, 3, tagged), publish(ben, second, 4, tagged), publish(cyd, third, 5, tagged)],
    act('rookery.post.edited', ada, first, 6, { body: '#crow' }),
  ],
  'one of three uses a hashtag for followers only, and another protects the account': [
    ...[publish(ada, first, 3, tagged), publish(ben, second, 4, tagged)],
    publish(cyd, third, 5, { ...tagged, visibility: 'FOLLOWERS' }),
    act('rookery.user.profile-updated', ben, ben, 6, { protected: true }),
  ],
  'a moderator bars a hashtag that two use': [
    ...[publish(ada, first, 3, tagged), publish(ben, second, 4, tagged)],
    act('rookery.hashtag.barred', cyd, first, 5, { hashtag: tagged.body.slice(1), reason: 'jay' }),
  ],
  'somebody takes a handle that another has given up': [
    act('rookery.user.handle-changed', ada, ada, 3, { handle: 'daw' }),
    act('rookery.user.handle-changed', ada, ada, 4, { handle: 'rook' }),
    act('rookery.user.handle-changed', ben, ben, 5, { handle: 'daw' }),
    publish(ada, first, 6),
  ],
};

export const tellingHistories: readonly RecordedEvent[][] = [
  ...Object.values(toldBy),
  ...Object.values(toldByNotifications),
].map((facts) => record([...signUps, ...facts]));
