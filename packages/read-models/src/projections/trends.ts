import { createHash } from 'node:crypto';
import { eventKinds } from '@rookery/schema/events';
import {
  joinSamples,
  type PeopleSample,
  type SampledPeople,
  sampledSize,
  sampleHash,
  withUse,
} from '../people-sample.ts';
import { hashtagsOf } from '../text/hashtags.ts';
import { type Collection, defineCollection } from './define.ts';

/** Length of each window of trends in milliseconds. */
const windowsMs = { HOUR: 3_600_000, DAY: 86_400_000, WEEK: 604_800_000 } as const;
export type TrendWindow = keyof typeof windowsMs;
const windows = Object.keys(windowsMs) as TrendWindow[];

/**
 * `trends/<window>:<key of the hashtag>`: people who have lately published posts for everybody with a hashtag. Time is divided into periods as
 * long as the window, so the window of a reader lies in the newest two. It does not have the hashtag: that is in the posts, as long
 * as these are there.
 */
export interface TrendDoc {
  readonly window: TrendWindow;
  /** Number of the newest period in which somebody used the hashtag, from the epoch. */
  readonly period: number;
  /** People of that period, and of the one before it. */
  readonly current: PeopleSample;
  readonly previous: PeopleSample;
  /** Derived: about how many people there are, those of the previous period by half. Its fraction differs by hashtag. */
  readonly rank: number;
}

/** Number of bytes that identify a hashtag. */
const keyBytes = 16;

/** Returns what stands for a hashtag in the ids of trends: not the text, which a deleted post must not leave there. */
export const trendKeyOf = (hashtag: string): string =>
  createHash('sha256')
    .update(hashtag)
    .digest('hex')
    .slice(0, 2 * keyBytes);

/** Returns the id of the document of a hashtag. */
export const trendId = (window: TrendWindow, key: string): string => `${window}:${key}`;

const partsOf = (id: string): { readonly window: TrendWindow; readonly key: string } => {
  const [window, key = ''] = id.split(':');
  return { window: window as TrendWindow, key };
};

/** Returns the key of the hashtag of a document. */
export const keyOfTrend = (id: string): string => partsOf(id).key;

const periodOf = (window: TrendWindow, at: number): number => Math.floor(at / windowsMs[window]);

type Periods = Pick<TrendDoc, 'period' | 'current' | 'previous'>;

/** Hexadecimal digits of the key that make the fraction of a rank. */
const fractionDigits = 6;

const rankOf = ({ current, previous }: Periods, key: string): number =>
  Math.floor(sampledSize(current) + sampledSize(previous) / 2) +
  Number.parseInt(key.slice(0, fractionDigits), 16) / 16 ** fractionDigits;

/** Returns the periods of a document once this is the newest. */
const movedTo = ({ period, current, previous }: Periods, newest: number): Periods => {
  if (newest <= period) return { period, current, previous };
  return { period: newest, current: [], previous: newest === period + 1 ? current : [] };
};

export const trends: Collection<TrendDoc, never> = defineCollection<TrendDoc>()({
  indexes: [{ equal: ['window', 'period'], order: 'rank' }],
  on: [eventKinds.postPublished],

  affectedIds: ({ event: { data } }) =>
    data.visibility === undefined
      ? hashtagsOf(data.body)
          .map(trendKeyOf)
          .flatMap((key) => windows.map((window) => trendId(window, key)))
      : [],

  merge(before, { event, recordedAt }, id) {
    const { window, key } = partsOf(id);
    // A clock that is ahead must not end the periods of everybody else.
    const at = Math.min(Date.parse(event.time), Date.parse(recordedAt));
    const period = periodOf(window, at);
    const doc: Periods = movedTo(before ?? { period, current: [], previous: [] }, period);
    if (period < doc.period - 1) return before as TrendDoc;
    const part = period === doc.period ? 'current' : 'previous';
    const sample = withUse(doc[part], sampleHash(`${key}:${event.actor}`), { post: event.id, at });
    if (before && sample === doc[part]) return before;
    const periods: Periods = { ...doc, [part]: sample };
    return { window, ...periods, rank: rankOf(periods, key) };
  },
});

/** Returns the condition of the documents that may have uses in the window that ends now. */
export const recentTrends = (
  window: TrendWindow,
  now: number,
): { readonly window: TrendWindow; readonly period: readonly number[] } => {
  const period = periodOf(window, now);
  // The clock of a writer may be in the next period already.
  return { window, period: [period - 1, period, period + 1] };
};

/** Returns the people of a document who have used the hashtag in the window that ends now, with these uses. */
export const recentPeople = ({ window, current, previous }: TrendDoc, now: number): SampledPeople => {
  const { people, share } = joinSamples([current, previous]);
  const from = now - windowsMs[window];
  const recent = people
    .map(({ hash, uses }) => ({ hash, uses: uses.filter(({ at }) => at > from) }))
    .filter(({ uses }) => uses.length > 0);
  return { people: recent, share };
};
