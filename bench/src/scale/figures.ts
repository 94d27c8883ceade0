import { availableParallelism } from 'node:os';

/** Measured values by name; the name ends in the unit. */
export type Figures = Readonly<Record<string, number>>;

/** Returns the median of each figure over the measurements that have it: of an even number, the lower one of the middle. */
export const mediansOf = (measurements: readonly Figures[]): Figures => {
  const names = new Set(measurements.flatMap(Object.keys));
  return Object.fromEntries(
    Array.from(names, (name) => {
      const values = measurements.flatMap((figures) => figures[name] ?? []).sort((a, b) => a - b);
      return [name, values[Math.floor((values.length - 1) / 2)] ?? Number.NaN];
    }),
  );
};

/** A page of a feed that Redis holds, or one that is older than all that it holds. */
export type PageKind = 'first' | 'past';
/** Other work of the system while pages are read. */
export type Load = 'idle' | 'beside posts';

/** Names of the figures that the laws refer to. */
export const named = {
  firstPage: (followings: number) => `first page, ${followings} followings, p50 ms`,
  firstPageMean: (followings: number) => `first page, ${followings} followings, mean ms`,
  pageCalls: (followings: number) => `first page, ${followings} followings, calls of the documents`,
  pageRows: (followings: number) => `first page, ${followings} followings, documents read`,
  pastCap: (followings: number) => `page past the cap, ${followings} followings, mean ms`,
  coldPage: (followings: number) => `first page of a cold reader, ${followings} followings, p50 ms`,
  coldFeed: (followings: number) => `feed of a cold reader, ${followings} followings, held after, p50 ms`,
  pageRate: (followings: number) => `first pages, ${followings} followings, 8 in flight, per second`,
  pageP99: (followings: number) => `first pages, ${followings} followings, 8 in flight, p99 ms`,
  sqlRate: (followings: number) => `the same page by SQL, ${followings} followings, 8 in flight, per second`,
  sqlP99: (followings: number) => `the same page by SQL, ${followings} followings, 8 in flight, p99 ms`,
  mixRate: 'first pages of all readers in turn, 8 in flight, per second',
  mixSqlRate: 'the same pages by SQL, all readers in turn, 8 in flight, per second',
  openLoop: (page: PageKind, followings: number, load: Load, quantile: 'p50' | 'p99') =>
    `${page === 'first' ? 'first page' : 'page past the cap'}, ${followings} followings, ${load}, ${quantile} ms`,
  idleP99: 'first page, all readers, idle, p99 ms',
  besideP99: 'first page, all readers, beside posts, p99 ms',
  coresInUse: (load: Load) => `pages at a fixed rate, ${load}, cores in use of ${availableParallelism()}`,
  waitForCore: (load: Load) => `pages at a fixed rate, ${load}, query waits for a core, ms per page`,
  likeFresh: 'like on a fresh post, projected, p50 ms',
  likeHottest: 'like on the hottest post, projected, p50 ms',
  followOrdinary: 'follow of an ordinary person, projected, p50 ms',
  followMost: 'follow of the most-followed person, projected, p50 ms',
  publishOrdinary: 'post of an ordinary person, projected, p50 ms',
  publishMost: 'post of the most-followed person, projected, p50 ms',
  catchUp: 'catch-up, events per second',
  rebuild: 'rebuild of all read models, events per second',
  bulkLoad: 'bulk load, events per second',
} as const;
