import { relationId } from '@rookery/read-models';
import { isId } from '@rookery/runtime';
import type { QueryContext } from '../context.ts';
import { ownItemCursor } from '../cursor.ts';
import type { FeedEdgeModel, PostEdgeModel, UserEdgeModel } from '../models.ts';
import { show } from '../pipeline.ts';
import { followView, itemView, postView } from '../views.ts';
import { followCursors } from './followers.ts';
import { repliesCursor } from './replies.ts';

/*
 * The edges that a command has added to lists, by the keys that the mutation subgraph gives them. Each is the edge that a
 * page of the list shows. Undefined if the list does not show it, or not to this viewer.
 */

/** Reads the edge of an item that the viewer has added, by the item's id. */
export const readFeedEdge = async (
  { loaders, viewer, sources: { cursors } }: QueryContext,
  itemId: string,
): Promise<FeedEdgeModel | undefined> => {
  const item = isId(itemId) ? await loaders.items.load(itemId) : undefined;
  if (viewer === null || item?.actor !== viewer || item.position === null) return undefined;
  const node = await show(itemView(loaders), { itemId, position: item.position });
  return node && { cursor: cursors.write(ownItemCursor, viewer, item.position), node };
};

/** Reads the edge of a reply in the replies of the post that it answers, by the reply's id. */
export const readReplyEdge = async (
  { loaders, sources: { cursors } }: QueryContext,
  replyId: string,
): Promise<PostEdgeModel | undefined> => {
  const node = await show(postView(loaders), replyId);
  if (!node || node.inReplyTo === null) return undefined;
  const position = (await loaders.posts.load(replyId))?.position ?? null;
  if (position === null) return undefined;
  return { cursor: cursors.write(repliesCursor, node.inReplyTo, position), node };
};

/** Reads the edge of a follow of the viewer's, by `<list>:<follower>:<followed>`. */
export const readFollowEdge = async (
  { loaders, viewer, sources: { cursors } }: QueryContext,
  followId: string,
): Promise<UserEdgeModel | undefined> => {
  const [list, follower = '', followed = '', ...rest] = followId.split(':');
  if ((list !== 'followers' && list !== 'following') || rest.length > 0) return undefined;
  if (follower !== viewer || !isId(followed)) return undefined;
  const [owner, other] = list === 'followers' ? [followed, follower] : [follower, followed];
  // Loaded together: the view then finds the user in the loader.
  const [follow] = await Promise.all([
    loaders.follows.load(relationId(follower, followed)),
    loaders.users.load(other),
  ]);
  const position = follow?.position ?? null;
  if (!follow || position === null) return undefined;
  const node = await show(followView(loaders), { position, follow, user: other });
  return node && { cursor: cursors.write(followCursors[list], owner, position), node };
};
