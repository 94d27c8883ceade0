import type { Fact } from './recorded-events.ts';
import { act, ada, ben, cyd, first, publish, second } from './scene.ts';

const reply = publish(cyd, second, 5, { inReplyTo: first, thread: first, threadAuthor: ada });

/** Histories in which a rule of notifications decides. */
export const toldByNotifications: Readonly<Record<string, readonly Fact[]>> = {
  'a muted thread has a reply': [
    publish(ada, first, 3),
    act('rookery.post.thread-muted', ada, first, 4),
    reply,
  ],
  'the author mutes who has liked a post': [
    publish(ada, first, 3),
    act('rookery.post.liked', ben, first, 4),
    act('rookery.user.muted', ada, ben, 5),
  ],
  'the author blocks who has liked a post': [
    publish(ada, first, 3),
    act('rookery.post.liked', ben, first, 4),
    act('rookery.user.blocked', ada, ben, 5),
  ],
  'a like is taken back': [
    publish(ada, first, 3),
    act('rookery.post.liked', ben, first, 4),
    act('rookery.post.unliked', ben, first, 5),
  ],
  'a post that is liked is deleted': [
    publish(ada, first, 3),
    act('rookery.post.liked', ben, first, 4),
    act('rookery.post.deleted', ada, first, 5),
  ],
  'authors like and share their own posts': [
    publish(ada, first, 3),
    act('rookery.post.liked', ada, first, 4),
    act('rookery.post.shared', ada, first, 5),
  ],
  'a request to follow is approved, and another one waits': [
    act('rookery.user.profile-updated', ada, ada, 3, { protected: true }),
    act('rookery.user.follow-requested', ben, ada, 4),
    act('rookery.user.follow-requested', cyd, ada, 4),
    act('rookery.user.follow-approved', ada, ben, 5),
  ],
  'choices and marks come in another order than they were made': [
    act('rookery.user.notifications-set', ada, ada, 4, { kind: 'LIKE', from: 'NOBODY' }),
    act('rookery.user.notifications-set', ada, ada, 3, { kind: 'LIKE', from: 'FOLLOWED' }),
    act('rookery.user.list-read', ada, ada, 4, { list: 'notifications', upTo: 3 }),
    act('rookery.user.list-read', ada, ada, 5, { list: 'notifications', upTo: 2 }),
  ],
  'somebody signs in': [act('rookery.user.signed-in', ada, ada, 3)],
};
