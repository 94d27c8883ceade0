import type { QueryContext } from '../context.ts';
import type { PostModel, TombstoneModel } from '../models.ts';
import { show } from '../pipeline.ts';
import { postView, threadView } from '../views.ts';

/** A post by id: for the root field, for references and for embeds alike. */
export const readPost = ({ loaders }: QueryContext, id: string): Promise<PostModel | undefined> =>
  show(postView(loaders), id);

/** Returns the post that a post or a tombstone answers, or the tombstone in its place. */
export const readParent = async (
  { loaders }: QueryContext,
  { inReplyTo }: Pick<PostModel | TombstoneModel, 'inReplyTo'>,
): Promise<PostModel | TombstoneModel | undefined> =>
  inReplyTo === null ? undefined : show(threadView(loaders), inReplyTo);

export const isPost = (place: PostModel | TombstoneModel): place is PostModel => 'author' in place;
