import {
  keyOfTrend,
  recentPeople,
  type SampledPeople,
  sizeOf,
  type TrendDoc,
  trendKeyOf,
} from '@rookery/read-models';
import type { Loaders } from '../loaders.ts';
import type { HashtagModel, HashtagUsageModel } from '../models.ts';
import { showAll } from '../pipeline.ts';
import { hashtagUseView } from '../views.ts';
import { hashtagsIn } from './hashtag.ts';

/** People whose posts are read and go through the rules. They stand for all others. */
const maxChecked = 8;

/** A hashtag whose use has not been checked for a viewer. */
export interface UsedHashtag {
  readonly key: string;
  readonly recent: SampledPeople;
}

/** A hashtag that somebody uses whom the viewer can see, with its use as this viewer sees it. */
export interface SeenUsage {
  readonly hashtag: HashtagModel;
  readonly usage: HashtagUsageModel;
  /** People among those who were checked. */
  readonly seen: number;
}

/** Returns the recent use by a document of `trends`. */
export const recentUse = (id: string, doc: TrendDoc, now: number): UsedHashtag => ({
  key: keyOfTrend(id),
  recent: recentPeople(doc, now),
});

/** Returns about how many people use a hashtag, before the rules. */
export const estimateOf = ({ recent }: UsedHashtag): number => sizeOf(recent);

/**
 * Reads the newest posts of a sample of those who use a hashtag, and counts those that the viewer can see and that still have it. Its
 * name is in these posts alone, so a hashtag that only hidden or deleted posts have is not even named.
 */
export const readSeenUsage = async (
  loaders: Loaders,
  { key, recent }: UsedHashtag,
): Promise<SeenUsage | undefined> => {
  const checked = recent.people.slice(0, maxChecked);
  const byPerson = await Promise.all(
    checked.map(async ({ uses }) =>
      (
        await showAll(
          hashtagUseView(loaders),
          uses.map(({ post }) => post),
        )
      ).flatMap((post) => (post ? hashtagsIn(post).filter(({ name }) => trendKeyOf(name) === key) : [])),
    ),
  );
  const seen = byPerson.filter((uses) => uses.length > 0);
  const hashtag = seen[0]?.[0];
  if (hashtag === undefined) return undefined;
  const forEach = estimateOf({ key, recent }) / checked.length;
  return {
    hashtag,
    usage: {
      people: Math.round(seen.length * forEach),
      uses: Math.round(seen.flat().length * forEach),
      isEstimate: forEach !== 1,
    },
    seen: seen.length,
  };
};
