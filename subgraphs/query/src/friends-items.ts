import type { FeedEntry } from '@rookery/feeds';
import type { EntryFacts, FriendsEntryFacts, VisibleItem } from '@rookery/read-models/visibility';
import type { QueryContext } from './context.ts';
import type { Hydrated } from './hydrate.ts';
import { feedProjections, type Progress } from './progress.ts';
import { type OnceItems, withoutRepeats } from './repeats-reader.ts';
import { friendsItemView } from './views.ts';

type Facts = Hydrated<FriendsEntryFacts>;
type Visible = Hydrated<EntryFacts & FriendsEntryFacts & VisibleItem>;

/** The items of a viewer's friends feed, as far as the projections have come. */
export const friendsItems = (
  context: QueryContext,
  viewer: string,
  progress: Progress,
): OnceItems<Facts, Visible> => {
  const upTo = progress.upTo(feedProjections);
  return withoutRepeats<Facts, Visible>(context, {
    view: friendsItemView(context.loaders, viewer),
    candidates: async (start, order, limit): Promise<readonly FeedEntry[]> => {
      const { candidates } = context.replica();
      const from = start ?? (order === 'desc' ? Number.MAX_SAFE_INTEGER : 0);
      const window = { viewer, progress, from, limit };
      if (order === 'desc') return candidates.before(context, window);
      const { entries } = await candidates.after(context, window);
      return entries.filter(({ position }) => position <= upTo);
    },
  });
};
