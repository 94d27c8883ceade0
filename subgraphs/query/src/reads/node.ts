import type { Part } from '../answer-size/weigh.ts';
import type { QueryContext } from '../context.ts';
import type { PostModel, UserModel } from '../models.ts';
import { show } from '../pipeline.ts';
import { postView, userView } from '../views.ts';
import { readReferencedUser } from './user.ts';

/** A type that implements Node, with its object. */
export type NodePart = Extract<Part, readonly ['User' | 'Post', unknown]>;

/**
 * Reads the object that shows this id. The ids of users and posts are those of the events that created them, so no two
 * objects share one (docs/adr/node-ids.md).
 */
export const readNode = async (context: QueryContext, id: string): Promise<NodePart | undefined> => {
  const { loaders } = context;
  const [post, user] = await Promise.all([show(postView(loaders), id), show(userView(loaders), id)]);
  if (post) return ['Post', post];
  const found = user ?? (await readReferencedUser(context, id));
  return found && ['User', found];
};

export const nodeTypeOf = (node: UserModel | PostModel): NodePart[0] => ('author' in node ? 'Post' : 'User');
