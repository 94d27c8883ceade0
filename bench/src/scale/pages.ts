import { readMetric } from '@rookery/runtime';
import { cpuFigures, cpuReader } from '../cpu.ts';
import type { FriendsFeedPage } from '../friends-feed-page.ts';
import { type Latencies, latencies, repeat } from '../measure.ts';
import type { Member } from '../member.ts';
import type { Say } from '../progress.ts';
import { measureColdPages } from './cold-pages.ts';
import { type Figures, named } from './figures.ts';
import { cap, pageSize, readPage } from './read-page.ts';
import type { SizedSystem } from './sized-system.ts';

/** Pages that are read past the cap, one after the other, for each reader: those of one segment. */
const pagesPastCap = cap / pageSize;
const inFlight = 8;

export interface PageOptions {
  /** Number of requests of each measurement. */
  readonly samples: number;
}

/** Measures pages of the friends feed: first, past the cap, and of a reader whose feed Redis does not hold. */
export const measurePages = async (
  { system, postgres, documents, readers }: SizedSystem,
  { samples }: PageOptions,
  say: Say,
): Promise<Figures> => {
  say('first pages of all readers in turn');
  const figures: Record<string, number> = { ...(await measureFirstPages(readers, samples)) };
  const readCpu = cpuReader(system, postgres);
  for (const [followings, members] of readers) {
    say(`pages of readers with ${followings} followings`);
    Object.assign(figures, await countDocuments(system, followings, members));
    const before = readCpu();
    const many = await repeat(samples * 3, inFlight, (index) => readPage(memberOf(members, index)));
    figures[named.pageRate(followings)] = many.perSecond;
    figures[named.pageP99(followings)] = many.p99;
    // Those of the readers with most followings stay.
    Object.assign(figures, cpuFigures('page', samples * 3, before, readCpu()));
    const past = await readPastCap(members);
    figures[named.pastCap(followings)] = past.mean;
  }
  return { ...figures, ...(await measureColdPages({ system, documents, readers }, say)) };
};

const memberOf = (members: readonly Member[], index: number): Member =>
  members[index % members.length] as Member;

/** Reads first pages by readers of all numbers of followings in turn, so that other load affects all alike. */
const measureFirstPages = async (readers: SizedSystem['readers'], samples: number): Promise<Figures> => {
  const times = new Map<number, number[]>([...readers.keys()].map((followings) => [followings, []]));
  // As many beforehand, in which the feeds are filled.
  for (let round = -samples; round < samples; round++) {
    for (const [followings, members] of readers) {
      const began = performance.now();
      await readPage(memberOf(members, round + samples));
      if (round >= 0) times.get(followings)?.push(performance.now() - began);
    }
  }
  return Object.fromEntries(
    [...times].flatMap(([followings, all]) => {
      const { p50, mean } = latencies(all, 1);
      return [
        [named.firstPage(followings), p50],
        [named.firstPageMean(followings), mean],
      ];
    }),
  );
};

/** Counts what a first page asks the documents for: a page with more authors has more documents. */
const countDocuments = async (
  { metricsUrls }: SizedSystem['system'],
  followings: number,
  members: readonly Member[],
): Promise<Figures> => {
  const read = async (name: string) =>
    (await readMetric(metricsUrls.query, name, { store: 'documents' })) ?? Number.NaN;
  const counters = async () => ({
    calls: await read('rookery_query_store_calls_total'),
    rows: await read('rookery_query_store_rows_total'),
  });
  const before = await counters();
  for (const member of members) await readPage(member);
  const { calls, rows } = await counters();
  return {
    [named.pageCalls(followings)]: (calls - before.calls) / members.length,
    [named.pageRows(followings)]: (rows - before.rows) / members.length,
  };
};

/** Returns the cursor after the last item that Redis holds. */
export const endOfFeed = async (member: Member): Promise<string | null> => {
  let cursor: string | null = null;
  for (let read = 0; read < cap; read += 100)
    cursor = (await readPage(member, cursor, 100)).friendsFeed.pageInfo.endCursor;
  return cursor;
};

/** Reads on from the cap. Fewer pages are read if the feed ends before. */
const readPastCap = async (members: readonly Member[]): Promise<Latencies> => {
  const times: number[] = [];
  for (const member of members) {
    let cursor = await endOfFeed(member);
    for (let page = 0; page < pagesPastCap; page++) {
      const began = performance.now();
      const { edges, pageInfo }: FriendsFeedPage['friendsFeed'] = (await readPage(member, cursor))
        .friendsFeed;
      if (edges.length < pageSize) break;
      times.push(performance.now() - began);
      cursor = pageInfo.endCursor;
    }
  }
  return latencies(times, 1);
};
