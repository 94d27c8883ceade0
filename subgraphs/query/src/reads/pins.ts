import { maySeeActivityOf } from '@rookery/read-models/visibility';
import type { QueryContext } from '../context.ts';
import { loadViewerRelation } from '../hydrate.ts';
import type { PostModel, UserModel } from '../models.ts';
import { showAll } from '../pipeline.ts';
import { postView } from '../views.ts';

/** Pins that a profile shows. */
const maxPins = 5;

const readPins = async ({ loaders, reader }: QueryContext, user: string): Promise<PostModel[]> => {
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

/** Pinned posts of the users of answers. */
const known = new WeakMap<UserModel, Promise<PostModel[]>>();

/**
 * Reads the posts that a user shows on their profile: those of the newest pins that the viewer sees. They are read once for each
 * user of an answer, which is weighed before it is resolved.
 */
export const readPinnedPosts = (context: QueryContext, user: UserModel): Promise<PostModel[]> => {
  const pins = known.get(user) ?? readPins(context, user.id);
  known.set(user, pins);
  return pins;
};
