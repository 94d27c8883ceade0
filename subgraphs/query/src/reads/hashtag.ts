import { hashtagsOf, toNamedHashtag } from '@rookery/read-models';
import type { QueryContext } from '../context.ts';
import { defineCursorKind } from '../cursor.ts';
import type { HashtagModel, PostModel } from '../models.ts';
import { foundPostView } from '../views.ts';
import { postsList } from './posts-list.ts';

/** Returns the hashtag of this name, whether or not anybody uses it; undefined if the text cannot be one. */
export const readHashtag = async (
  _context: QueryContext,
  { name }: { readonly name: string },
): Promise<HashtagModel | undefined> => {
  const hashtag = toNamedHashtag(name);
  return hashtag === undefined ? undefined : { name: hashtag };
};

/** Returns the hashtags of a post. */
export const hashtagsIn = ({ body }: Pick<PostModel, 'body'>): HashtagModel[] =>
  hashtagsOf(body).map((name) => ({ name }));

/** Reads the posts with a hashtag, newest first. */
export const readHashtagPosts = postsList(defineCursorKind('hashtag'), {
  order: 'desc',
  where: (hashtag) => ({ hashtags: hashtag }),
  viewOf: foundPostView,
});
