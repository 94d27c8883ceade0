import { atLeast, atMost, type Bound } from '../bound.ts';
import { offered } from './beside.ts';
import { type Figures, named } from './figures.ts';
import { followings } from './sized-system.ts';

/** Figures of one size of the network. */
export interface SizeFigures {
  readonly people: number;
  readonly figures: Figures;
}

/** Largest ratio of two costs that should be equal, because no two measurements are. */
const tolerance = 1.3;

const [fewest] = followings;
const most = followings[followings.length - 1] ?? fewest;

/** Times that must not grow from the smallest to the largest size. */
const flatTimes = [
  ...followings.flatMap((count) => [named.firstPage(count), named.pastCap(count)]),
  named.likeFresh,
  named.likeHottest,
  named.followOrdinary,
  named.followMost,
  named.publishOrdinary,
  named.publishMost,
];
/** 1,500,000 events in three minutes, and the size of the network from which on that is demanded. */
const bulkLoad = { perSecond: 1_500_000 / 180, people: 100_000 } as const;

/** Rates that must not fall. */
const flatRates = [named.catchUp, named.rebuild];

/** Returns the quotient of two figures, or undefined unless both were measured. */
const quotient = (above: number | undefined, below: number | undefined): number | undefined =>
  above === undefined || below === undefined ? undefined : above / below;

/** Returns a figure of the largest size as a multiple of that of the smallest that has it. */
export const growthOf = (sizes: readonly SizeFigures[], name: string): number | undefined => {
  const having = sizes.filter(({ figures }) => figures[name] !== undefined);
  if (having.length < 2) return undefined;
  return quotient(having.at(-1)?.figures[name], having[0]?.figures[name]);
};

/** Returns first pages as multiples of the same pages by SQL, by number of followings. The law is about all readers in turn. */
export const againstSql = (figures: Figures): Figures => {
  const ratios = (count: number): [string, number | undefined][] => [
    ['per second', quotient(figures[named.pageRate(count)], figures[named.sqlRate(count)])],
    ['p99', quotient(figures[named.pageP99(count)], figures[named.sqlP99(count)])],
  ];
  return Object.fromEntries(
    followings.flatMap((count) =>
      ratios(count).flatMap(([what, value]) =>
        value === undefined ? [] : [[`first pages against SQL, ${count} followings, ${what}`, value]],
      ),
    ),
  );
};

/** Returns the cost laws with what was measured, without those that were not. @param sizes smallest first */
export const lawsOf = (sizes: readonly SizeFigures[]): Bound[] => {
  const { people = 0, figures: largest = {} } = sizes.at(-1) ?? {};
  const bound = (make: typeof atMost, what: string, value: number | undefined, limit: number): Bound[] =>
    value === undefined ? [] : [make(what, value, limit)];
  const ratio = (what: string, above: string, below: string, limit: number): Bound[] =>
    bound(atMost, what, quotient(largest[above], largest[below]), limit);
  return [
    ...ratio(
      `first page, ${most} against ${fewest} followings`,
      named.firstPage(most),
      named.firstPage(fewest),
      tolerance,
    ),
    ...followings.flatMap((count) =>
      ratio(
        `page past the cap against the first, ${count} followings`,
        named.pastCap(count),
        named.firstPageMean(count),
        2,
      ),
    ),
    ...ratio(
      `first page of a cold reader against a held feed, ${most} followings`,
      named.coldPage(most),
      named.firstPage(most),
      3,
    ),
    ...ratio(
      `first page beside ${offered.posts} posts a second against idle, p99`,
      named.besideP99,
      named.idleP99,
      1.2,
    ),
    ...ratio('like on the hottest against a fresh post', named.likeHottest, named.likeFresh, tolerance),
    ...ratio(
      'follow of the most-followed against an ordinary person',
      named.followMost,
      named.followOrdinary,
      tolerance,
    ),
    ...ratio(
      'post of the most-followed against an ordinary person',
      named.publishMost,
      named.publishOrdinary,
      tolerance,
    ),
    ...flatTimes.flatMap((name) => bound(atMost, `growth: ${name}`, growthOf(sizes, name), tolerance)),
    ...flatRates.flatMap((name) => bound(atLeast, `growth: ${name}`, growthOf(sizes, name), 1 / tolerance)),
    ...bound(atLeast, named.catchUp, largest[named.catchUp], 5_000),
    ...(people < bulkLoad.people
      ? []
      : bound(atLeast, named.bulkLoad, largest[named.bulkLoad], bulkLoad.perSecond)),
    ...bound(
      atLeast,
      'first pages per second against SQL, all readers in turn',
      quotient(largest[named.mixRate], largest[named.mixSqlRate]),
      5,
    ),
  ];
};
