import type { QueryContext } from '../context.ts';
import { defineCursorKind } from '../cursor.ts';
import type { PostModel, TombstoneModel } from '../models.ts';
import { threadReplyView } from '../views.ts';
import { readParent } from './post.ts';
import { postsList } from './posts-list.ts';

/** Posts above another that are read, one after the other, since each says only what it answers itself. */
const maxAncestors = 20;

/** Returns the posts and tombstones above a post, from the topmost to the one that it answers: the nearest, if there are many. */
export const readAncestors = async (
  context: QueryContext,
  post: Pick<PostModel, 'inReplyTo'>,
): Promise<(PostModel | TombstoneModel)[]> => {
  const found: (PostModel | TombstoneModel)[] = [];
  while (found.length < maxAncestors) {
    const above = await readParent(context, found.at(-1) ?? post);
    if (above === undefined) break;
    found.push(above);
  }
  return found.toReversed();
};

/** Reads the replies to a post, oldest first, with the tombstones of deleted ones that were answered. */
export const readThread = postsList(defineCursorKind('thread'), {
  order: 'asc',
  where: (post) => ({ inReplyTo: post, deleted: [false, true] }),
  viewOf: threadReplyView,
});
