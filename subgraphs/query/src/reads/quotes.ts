import type { QueryContext } from '../context.ts';
import { defineCursorKind } from '../cursor.ts';
import type { PostModel } from '../models.ts';
import { show } from '../pipeline.ts';
import { quotedView, quoteView } from '../views.ts';
import { postsList } from './posts-list.ts';

/** Reads the post that a post quotes. */
export const readQuoted = async (
  { loaders }: QueryContext,
  { quotes, author }: Pick<PostModel, 'quotes' | 'author'>,
): Promise<PostModel | undefined> =>
  quotes === null ? undefined : show(quotedView(loaders), { id: quotes, quotedBy: author.id });

/** Reads the posts that quote a post, newest first. */
export const readQuotes = postsList(defineCursorKind('quotes'), {
  order: 'desc',
  where: (post) => ({ quotes: post, deleted: false }),
  viewOf: quoteView,
});
