import { hashtagsOf, toHashtag } from '@rookery/read-models';
import type { PageRoom } from '../answer-size/weigh.ts';
import { type Connection, toConnection } from '../connection.ts';
import type { QueryContext } from '../context.ts';
import { defineCursorKind } from '../cursor.ts';
import type { HashtagModel, PostModel } from '../models.ts';
import { readPage } from '../page.ts';
import { type PageArgs, pageRequest } from '../page-request.ts';
import { foundPostView } from '../views.ts';

const hashtagCursor = defineCursorKind('hashtag');

const sign = /^[#＃]/;

/** Returns the hashtag of this name, whether or not anybody uses it; undefined if the text cannot be one. */
export const readHashtag = async (
  _context: QueryContext,
  { name }: { readonly name: string },
): Promise<HashtagModel | undefined> => {
  const hashtag = toHashtag(name.replace(sign, ''));
  return hashtag === undefined ? undefined : { name: hashtag };
};

/** Returns the hashtags of a post. */
export const hashtagsIn = ({ body }: Pick<PostModel, 'body'>): HashtagModel[] =>
  hashtagsOf(body).map((name) => ({ name }));

/** Reads the posts with a hashtag, newest first. */
export const readHashtagPosts = async (
  { loaders, reader, sources: { cursors } }: QueryContext,
  hashtag: string,
  args: PageArgs,
  room: PageRoom<PostModel>,
): Promise<Connection<PostModel>> => {
  const view = foundPostView(loaders);
  const page = await readPage(
    {
      order: 'desc',
      candidates: async (from, direction, limit) => {
        const posts = await reader.collection('posts').page({
          where: { hashtags: hashtag },
          orderBy: 'position',
          direction,
          ...(from === undefined ? {} : { after: from }),
          limit,
        });
        for (const { id, doc } of posts) loaders.posts.prime(id, doc);
        return posts.flatMap(({ id, doc }) =>
          doc.position === null ? [] : [{ id, position: doc.position }],
        );
      },
      view: { ...view, hydrate: ({ id }) => view.hydrate(id) },
    },
    pageRequest(args, cursors, hashtagCursor, hashtag),
    room,
  );
  return toConnection(cursors, hashtagCursor, hashtag, page);
};
