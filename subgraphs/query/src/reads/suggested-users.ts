import { badInput } from '@rookery/graphql-server';
import { relationId } from '@rookery/read-models';
import { type QueryContext, viewerOf } from '../context.ts';
import type { SuggestedUserModel } from '../models.ts';
import { showAll } from '../pipeline.ts';
import { suggestedView } from '../views.ts';

/** The viewer's newest follows, and the newest follows of those people, that are looked at. */
const maxFriends = 40;
const maxFollows = 300;
/** Suggestions of one answer, and candidates for each of them, of which the rules may deny some. */
const maxSuggested = 20;
const candidatesForEach = 4;

const newestFollows = async ({ reader }: QueryContext, actors: readonly string[], limit: number) =>
  actors.length === 0
    ? []
    : reader.collection('follows').page({
        where: { actor: actors, active: true },
        orderBy: 'position',
        direction: 'desc',
        limit,
      });

/**
 * Returns people whom those follow whom the viewer follows: first those with the most such followers, of equals those who were
 * followed last. It looks at a bounded part of the follows, however many there are.
 * @throws RookeryError BAD_USER_INPUT
 */
export const readSuggestedUsers = async (
  context: QueryContext,
  { first }: { readonly first?: number | null | undefined },
): Promise<SuggestedUserModel[]> => {
  const viewer = viewerOf(context);
  const size = first ?? 10;
  if (!Number.isInteger(size) || size < 1 || size > maxSuggested)
    throw badInput('first', `\`first\` must be between 1 and ${maxSuggested}.`);
  const friends = (await newestFollows(context, [viewer], maxFriends)).map(({ doc }) => doc.object);
  const follows = await newestFollows(context, friends, maxFollows);
  // In the order of their newest follow.
  const followers = Map.groupBy(follows, ({ doc }) => doc.object);
  const candidates = [...followers]
    .map(([id, by]) => ({ id, mutualCount: by.length }))
    .filter(({ id }) => id !== viewer && !friends.includes(id))
    .sort((a, b) => b.mutualCount - a.mutualCount)
    .slice(0, candidatesForEach * size);
  const { loaders } = context;
  const view = suggestedView(loaders, (id) => loaders.follows.load(relationId(viewer, id)));
  const users = await showAll(
    view,
    candidates.map(({ id }) => id),
  );
  return candidates
    .flatMap(({ mutualCount }, i) => {
      const user = users[i];
      return user ? [{ user, mutualCount }] : [];
    })
    .slice(0, size);
};
