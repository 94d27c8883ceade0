import { type FollowDoc, relationId } from '@rookery/read-models';
import { mayRecommend } from '@rookery/read-models/visibility';
import { type QueryContext, viewerOf } from '../context.ts';
import { hydrateMuted } from '../hydrate.ts';
import type { SuggestedUserModel } from '../models.ts';
import { demandSize } from '../page-request.ts';
import { showAll } from '../pipeline.ts';
import { type FriendsFollow, type RankedUser, rankSuggested } from '../rank-suggested.ts';
import { suggestedView } from '../views.ts';

/** The viewer's newest follows that are looked at. */
const maxFriends = 40;
/** Friends whose follows are read together, and how many: one who follows many in a row leaves no room for the others of a group. */
const [groupSize, maxFollows] = [10, 50];
/** Suggestions of one answer, and candidates for each of them, of which the rules may deny some. */
const maxSuggested = 20;
const candidatesForEach = 4;

const newestFollows = async ({ reader }: QueryContext, actor: string | readonly string[], limit: number) => {
  const where = { actor, active: true };
  return reader.collection('follows').page({ where, orderBy: 'position', direction: 'desc', limit });
};

/** Returns those whom the viewer follows and whose follows may count. */
const friendsAmong = async (
  { loaders }: QueryContext,
  follows: readonly { readonly doc: FollowDoc }[],
): Promise<string[]> => {
  const facts = await Promise.all(
    follows.map(async ({ doc }) => ({ ...(await hydrateMuted(loaders, doc.object)), follow: doc })),
  );
  return facts.filter(mayRecommend).map(({ id }) => id);
};

/** Returns people whom friends of the viewer follow, and the viewer does not. */
const suggestedCandidates = async (context: QueryContext, viewer: string): Promise<RankedUser[]> => {
  const own = await newestFollows(context, viewer, maxFriends);
  const friends = await friendsAmong(context, own);
  const groups = Array.from({ length: Math.ceil(friends.length / groupSize) }, (_, i) =>
    friends.slice(i * groupSize, (i + 1) * groupSize),
  );
  const found = await Promise.all(groups.map((group) => newestFollows(context, group, maxFollows)));
  const follows = found
    .flat()
    .flatMap(({ doc: { actor, object, position } }): FriendsFollow[] =>
      position === null ? [] : [{ actor, object, position }],
    );
  const known = new Set([viewer, ...own.map(({ doc }) => doc.object)]);
  return rankSuggested(follows.filter(({ object }) => !known.has(object)));
};

/**
 * Returns people whom those follow whom the viewer follows: first those with the most such followers. It looks at a bounded part of
 * the follows, however many there are.
 * @throws RookeryError BAD_USER_INPUT
 */
export const readSuggestedUsers = async (
  context: QueryContext,
  { first }: { readonly first?: number | null | undefined },
): Promise<SuggestedUserModel[]> => {
  const viewer = viewerOf(context);
  const size = demandSize('first', first ?? 10, maxSuggested);
  const candidates = (await suggestedCandidates(context, viewer)).slice(0, candidatesForEach * size);
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
