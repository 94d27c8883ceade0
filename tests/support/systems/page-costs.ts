import pg from 'pg';
import { vi } from 'vitest';
import type { QueryWorld } from './query-world.ts';

/** Costs of a read, or of several. */
export interface PageCost {
  /** Round trips to the documents. */
  readonly calls: number;
  /** Rows that the documents have returned. */
  readonly rows: number;
  /** Rows that Postgres has looked at, by its own plans; 0 on MongoDB, whose server of the tests does not count them. */
  readonly examined: number;
  /** Round trips to Redis. */
  readonly feeds: number;
}

interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Parts of a node of a plan, as EXPLAIN (FORMAT JSON) prints it. */
interface PlanNode {
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly Plans?: readonly PlanNode[];
}

const rowsExamined = (node: PlanNode): number => {
  const below = (node.Plans ?? []).reduce((sum, one) => sum + rowsExamined(one), 0);
  if (node['Relation Name'] === undefined) return below;
  const { 'Actual Rows': rows, 'Rows Removed by Filter': filtered = 0 } = node;
  const each = rows + filtered + (node['Rows Removed by Index Recheck'] ?? 0);
  return below + Math.round(each * node['Actual Loops']);
};

/** Reads of the checkpoints come with time, and not with pages. */
const isOfPage = ({ text }: Statement): boolean =>
  text.includes('"documents".') && !/"(progress|generations)"/.test(text);

/** Tables that grow with the people. */
const tables = ['users', 'follows', 'items', 'posts', 'bookmarks', 'broadcasts', 'counts']
  .map((name) => `documents.${name}`)
  .join(', ');

/** Measures what reads of the query subgraph cost its stores. */
export interface CostMeter extends AsyncDisposable {
  costOf<T>(read: () => Promise<T>): Promise<{ readonly result: T; readonly cost: PageCost }>;
}

/** In a table of a few hundred rows Postgres prefers a scan or a sort to an index, which it never does in a large one. */
const plansOfLargeTables = `
set enable_seqscan = off; set enable_bitmapscan = off; set enable_sort = off; set enable_incremental_sort = off`;

/**
 * Opens a meter. It sees the statements of this process, in which the query subgraph runs.
 * @param size of the tables: `small` has statements planned as those of large tables are; `large` leaves the planner alone
 */
export const openCostMeter = async (world: QueryWorld, size: 'small' | 'large'): Promise<CostMeter> => {
  const url = world.env.DOCUMENTS_URL ?? '';
  const client = url.startsWith('postgres') ? new pg.Client(url) : undefined;
  await client?.connect();
  if (size === 'small') await client?.query(plansOfLargeTables);
  const query = vi.spyOn(pg.Pool.prototype, 'query');
  const spent = async (): Promise<Omit<PageCost, 'examined'>> => ({
    calls: await world.metric('rookery_query_store_calls_total', { store: 'documents' }),
    rows: await world.metric('rookery_query_store_rows_total', { store: 'documents' }),
    feeds: await world.metric('rookery_query_store_calls_total', { store: 'feeds' }),
  });
  /** Returns the statements that the documents have got since the last call. */
  const takeStatements = (): Statement[] => {
    const calls = query.mock.calls as unknown as readonly (readonly [unknown, unknown])[];
    const taken = calls.flatMap(([text, values]) =>
      typeof text === 'string' && Array.isArray(values) ? [{ text, values }] : [],
    );
    query.mockClear();
    return taken.filter(isOfPage);
  };
  /** Runs statements again, as the planner plans them with the statistics of now. */
  const examine = async (statements: readonly Statement[]): Promise<number> => {
    if (!client) return 0;
    await client.query(`analyze ${tables}`);
    let examined = 0;
    for (const { text, values } of statements) {
      const { rows } = await client.query<{ 'QUERY PLAN': readonly { Plan: PlanNode }[] }>(
        `explain (analyze, timing off, format json) ${text}`,
        [...values],
      );
      for (const { Plan } of rows[0]?.['QUERY PLAN'] ?? []) examined += rowsExamined(Plan);
    }
    return examined;
  };
  return {
    async costOf(read) {
      const before = await spent();
      takeStatements();
      const result = await read();
      const { calls, rows, feeds } = await spent();
      const examined = await examine(takeStatements());
      return {
        result,
        cost: {
          calls: calls - before.calls,
          rows: rows - before.rows,
          feeds: feeds - before.feeds,
          examined,
        },
      };
    },
    async [Symbol.asyncDispose]() {
      query.mockRestore();
      await client?.end();
    },
  };
};

/** Returns the mean cost of one of so many pages. */
export const perPage = ({ calls, rows, examined, feeds }: PageCost, pages: number): PageCost => ({
  calls: calls / pages,
  rows: rows / pages,
  examined: examined / pages,
  feeds: feeds / pages,
});
