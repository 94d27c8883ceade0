import { maySeeActivityOf } from '@rookery/read-models/visibility';
import type { QueryContext } from '../context.ts';
import { loadViewerRelation } from '../hydrate.ts';
import type { PostModel } from '../models.ts';
import { showAll } from '../pipeline.ts';
import { postView } from '../views.ts';

/** Pins that a profile shows. */
const maxPins = 5;

/** Reads the posts that a user shows on their profile: those of the newest pins that the viewer sees. */
export const readPinnedPosts = async (
  { loaders, reader }: QueryContext,
  user: string,
): Promise<PostModel[]> => {
  if (!maySeeActivityOf(await loadViewerRelation(loaders, user))) return [];
  const pins = await reader.collection('pins').page({
    where: { actor: user, active: true },
    orderBy: 'position',
    direction: 'desc',
    limit: maxPins,
  });
  const posts = await showAll(
    postView(loaders),
    pins.map(({ doc }) => doc.object),
  );
  return posts.flatMap((post) => (post?.author.id === user ? [post] : []));
};
