import type { QueryContext } from '../context.ts';
import { hydratePost } from '../hydrate.ts';
import type { PostModel } from '../models.ts';

/** A post by id: for the root field, for references and for embeds alike. */
export const readPost = ({ loaders }: QueryContext, id: string): Promise<PostModel | undefined> =>
  hydratePost(loaders, id);
