import { recentTrends, type TrendWindow, trendId, trendKeyOf } from '@rookery/read-models';
import { mayTrend } from '@rookery/read-models/visibility';
import type { QueryContext } from '../context.ts';
import type { HashtagUsageModel, TrendingHashtagModel } from '../models.ts';
import { demandSize } from '../page-request.ts';
import { estimateOf, readSeenUsage, recentUse, type SeenUsage } from './hashtag-usage.ts';

/** Hashtags of one answer. */
const maxSize = 20;
/** People who make a trend: one alone does not, however much they post. */
const minPeople = 2;
/** Candidates are checked in rounds, of a few more than are missing: some are out of the window, and the rules deny some. */
const spareCandidates = 5;
const maxRounds = 2;

const byUse = (a: SeenUsage, b: SeenUsage): number =>
  b.usage.people - a.usage.people ||
  b.usage.uses - a.usage.uses ||
  (a.hashtag.name < b.hashtag.name ? -1 : 1);

/**
 * Returns the hashtags that the most people use in posts that the viewer can see, within a window that ends now. It looks at a bounded
 * number of hashtags, people and posts, however many there are.
 */
export const trendingAt = async (
  { reader, loaders }: Pick<QueryContext, 'reader' | 'loaders'>,
  { window, size, now }: { readonly window: TrendWindow; readonly size: number; readonly now: number },
): Promise<TrendingHashtagModel[]> => {
  const round = size + spareCandidates;
  const found = await reader.collection('trends').page({
    where: recentTrends(window, now),
    orderBy: 'rank',
    direction: 'desc',
    limit: maxRounds * round,
  });
  const used = found
    .map(({ id, doc }) => recentUse(id, doc, now))
    .filter(({ recent }) => recent.people.length >= minPeople);
  const bars = await Promise.all(used.map(({ key }) => loaders.barredHashtags.load(key)));
  const candidates = used
    .filter((_each, i) => mayTrend(bars[i]))
    .sort((a, b) => estimateOf(b) - estimateOf(a));
  const trending: SeenUsage[] = [];
  // Mostly one round; another if the viewer cannot see many of those that come first.
  for (let from = 0; from < candidates.length && trending.length < size; from += round) {
    const some = candidates.slice(from, from + round);
    const usages = await Promise.all(some.map((candidate) => readSeenUsage(loaders, candidate)));
    trending.push(...usages.flatMap((usage) => (usage && usage.seen >= minPeople ? [usage] : [])));
  }
  return trending
    .sort(byUse)
    .slice(0, size)
    .map(({ hashtag, usage }) => ({ hashtag, usage }));
};

/**
 * Reads the hashtags that are trending.
 * @throws RookeryError BAD_USER_INPUT
 */
export const readTrendingHashtags = async (
  context: QueryContext,
  { window, first }: { readonly window: TrendWindow; readonly first?: number | null },
): Promise<TrendingHashtagModel[]> => {
  const size = demandSize('first', first ?? 10, maxSize);
  return trendingAt(context, { window, size, now: Date.now() });
};

const unused: HashtagUsageModel = { people: 0, uses: 0, isEstimate: false };

/** Returns how much a hashtag is used in posts that the viewer can see. */
export const readHashtagUsage = async (
  { loaders }: QueryContext,
  name: string,
  window: TrendWindow,
): Promise<HashtagUsageModel> => {
  const id = trendId(window, trendKeyOf(name));
  const doc = await loaders.trends.load(id);
  const seen = doc && (await readSeenUsage(loaders, recentUse(id, doc, Date.now())));
  return seen?.usage ?? unused;
};
