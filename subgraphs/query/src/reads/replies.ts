import { defineCursorKind } from '../cursor.ts';
import { hiddenReplyView, replyView } from '../views.ts';
import { postsList } from './posts-list.ts';

export const repliesCursor = defineCursorKind('replies');

/** Reads the replies to a post, oldest first: in the order of the conversation. */
export const readReplies = postsList(repliesCursor, {
  order: 'asc',
  where: (post) => ({ inReplyTo: post, deleted: false }),
  viewOf: replyView,
});

/** Reads the replies to a post that the author of the thread has hidden, oldest first. */
export const readHiddenReplies = postsList(defineCursorKind('hiddenReplies'), {
  order: 'asc',
  where: (post) => ({ inReplyTo: post, hidden: true }),
  viewOf: hiddenReplyView,
});
