import type { FeedEntry } from '@rookery/feeds';
import type { EntryFacts, FriendsEntryFacts, VisibleItem } from '@rookery/read-models/visibility';
import type { QueryContext } from './context.ts';
import type { Hydrated } from './hydrate.ts';
import { lookahead } from './neighbors.ts';
import type { Purpose } from './page.ts';
import { feedProjections, type Progress } from './progress.ts';
import { ReadAhead } from './read-ahead.ts';
import { repeatWindow } from './repeats.ts';
import { type OnceItems, withoutRepeats } from './repeats-reader.ts';
import { friendsItemView } from './views.ts';

type Facts = Hydrated<FriendsEntryFacts>;
type Visible = Hydrated<EntryFacts & FriendsEntryFacts & VisibleItem>;

/** Candidates beyond those of a page, for each of them. Replies to others are in most feeds and hidden from most readers. */
const spare = 0.4;

/** Entries that are read together with others: those with which a page is compared, and a later round of it. */
const aheadOf: Readonly<Record<Purpose, number>> = { show: lookahead + repeatWindow, compare: 0 };

/** The items of a viewer's friends feed, as far as the projections have come. */
export const friendsItems = (
  context: QueryContext,
  viewer: string,
  progress: Progress,
): OnceItems<Facts, Visible> => {
  const upTo = progress.upTo(feedProjections);
  const feed = new ReadAhead(upTo + 1, (from, limit, ahead) =>
    context.replica().candidates.before(context, { viewer, progress, from, limit, ahead }),
  );
  return withoutRepeats<Facts, Visible>(context, {
    view: friendsItemView(context.loaders, viewer),
    spare,
    candidates: async (start, order, limit, purpose): Promise<readonly FeedEntry[]> => {
      if (order === 'desc') return feed.before(start ?? upTo + 1, limit, aheadOf[purpose]);
      const from = start ?? 0;
      const known = feed.after(from, limit);
      if (known) return known;
      const { candidates } = context.replica();
      const window = { viewer, progress, from, limit, isGlance: purpose === 'compare' };
      const { entries } = await candidates.after(context, window);
      return entries.filter(({ position }) => position <= upTo);
    },
  });
};
