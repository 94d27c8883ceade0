import { defineCursorKind } from '../cursor.ts';
import { replyView } from '../views.ts';
import { postsList } from './posts-list.ts';

export const repliesCursor = defineCursorKind('replies');

/** Reads the replies to a post, oldest first: in the order of the conversation. */
export const readReplies = postsList(repliesCursor, {
  order: 'asc',
  where: (post) => ({ inReplyTo: post, deleted: false }),
  viewOf: replyView,
});
