import type { QueryWorld } from './query-world.ts';
import { openMongoExaminer, openPostgresExaminer } from './rows-examined.ts';
import { untilInTime } from './stores-in-time.ts';

/** Costs of a read, or of several. */
export interface PageCost {
  /** Round trips to the documents, without those that find out how far the projections are, and in which generations. */
  readonly calls: number;
  /** Rows that the documents have returned to these. */
  readonly rows: number;
  /** Rows that Postgres has looked at, by its own plans; entries of indexes that MongoDB looks at, by its rules. */
  readonly examined: number;
  /** Bytes of the documents that these rows have, as JSON without their ids. */
  readonly bytes: number;
  /** Round trips to Redis. */
  readonly feeds: number;
}

/** Measures what reads of the query subgraph cost its stores. */
export interface CostMeter extends AsyncDisposable {
  /**
   * Measures a read, which is repeated until the stores answer in time (see `dataOf`).
   * @throws Error if a read of MongoDB is answered by no index
   */
  costOf<T>(read: () => Promise<T>): Promise<{ readonly result: T; readonly cost: PageCost }>;
}

/**
 * Opens a meter. It sees the reads of this process, in which the query subgraph runs.
 * @param size of the tables: `small` has statements planned as those of large tables are; `large` leaves the planner alone
 */
export const openCostMeter = async (world: QueryWorld, size: 'small' | 'large'): Promise<CostMeter> => {
  const isPostgres = world.documents.system === 'postgresql';
  const examiner = isPostgres ? await openPostgresExaminer(world, size) : openMongoExaminer();
  return {
    costOf: (read) =>
      untilInTime(async () => {
        const before = await world.storeCalls();
        examiner.forget();
        const result = await read();
        const calls = examiner.calls();
        const returned = await examiner.returned();
        const { feeds } = await world.storeCalls();
        const examined = await examiner.examined();
        return { result, cost: { calls, ...returned, feeds: feeds - before.feeds, examined } };
      }),
    [Symbol.asyncDispose]: () => examiner[Symbol.asyncDispose](),
  };
};

/** Returns the mean cost of one of so many pages. */
export const perPage = ({ calls, rows, bytes, examined, feeds }: PageCost, pages: number): PageCost => ({
  calls: calls / pages,
  rows: rows / pages,
  bytes: bytes / pages,
  examined: examined / pages,
  feeds: feeds / pages,
});
