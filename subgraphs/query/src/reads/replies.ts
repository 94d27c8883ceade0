import type { PageRoom } from '../answer-size/weigh.ts';
import type { QueryContext } from '../context.ts';
import { hydratePost } from '../hydrate.ts';
import type { PostModel } from '../models.ts';
import { type Connection, pageSize, readPage, toConnection } from '../page.ts';
import type { PageArgs } from './feed.ts';

/** The replies to a post, oldest first: in the order of the conversation. */
export const readReplies = async (
  { loaders, reader, sources: { cursors } }: QueryContext,
  post: string,
  args: PageArgs,
  room: PageRoom<PostModel>,
): Promise<Connection<PostModel>> => {
  const slice = await readPage({
    first: pageSize(args.first),
    after: cursors.read('replies', post, args.after),
    candidates: async (after, limit) => {
      const posts = await reader.collection('posts').page({
        where: { inReplyTo: post, deleted: false },
        orderBy: 'position',
        direction: 'asc',
        ...(after === undefined ? {} : { after }),
        limit,
      });
      for (const { id, doc } of posts) loaders.posts.prime(id, doc);
      return posts.flatMap(({ id, doc }) => (doc.position === null ? [] : [{ id, position: doc.position }]));
    },
    room,
    present: (posts) => Promise.all(posts.map(({ id }) => hydratePost(loaders, id))),
  });
  return toConnection(cursors, 'replies', post, slice);
};
