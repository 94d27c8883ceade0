import { termOfHashtagStart, toHashtagStart } from '@rookery/read-models';
import type { QueryContext } from '../context.ts';
import type { HashtagModel } from '../models.ts';
import { demandSize } from '../page-request.ts';
import { showAll } from '../pipeline.ts';
import { foundPostView } from '../views.ts';
import { hashtagsIn } from './hashtag.ts';

/** Hashtags of one answer. */
const maxSize = 20;
/** Newest posts whose hashtags are looked at. */
const maxPosts = 120;

/**
 * Returns the hashtags that begin with a text, out of the newest posts that the viewer can see, the newest use first. So a hashtag
 * that only hidden posts have looks like one that nobody uses.
 */
export const searchHashtags = async (
  { loaders, reader }: QueryContext,
  { query, first }: { readonly query: string; readonly first?: number | null },
): Promise<HashtagModel[]> => {
  const size = demandSize('first', first, maxSize);
  const start = toHashtagStart(query);
  if (start === undefined) return [];
  const posts = await reader.collection('posts').page({
    where: { terms: termOfHashtagStart(start) },
    orderBy: 'position',
    direction: 'desc',
    limit: maxPosts,
  });
  for (const { id, doc } of posts) loaders.posts.prime(id, doc);
  const shown = await showAll(
    foundPostView(loaders),
    posts.map(({ id }) => id),
  );
  const names = shown.flatMap((post) => (post ? hashtagsIn(post).map(({ name }) => name) : []));
  return [...new Set(names)]
    .filter((name) => name.startsWith(start))
    .slice(0, size)
    .map((name) => ({ name }));
};
