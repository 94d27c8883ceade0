import type { Database } from './database.ts';

/** Part of a list whose newest entries come first. */
export interface Page {
  /** Number that is greater than those of its entries; undefined: it is the first page. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** A table whose rows are numbered in the order in which they were inserted. */
interface Numbered {
  readonly table: 'versions' | 'checks' | 'app_versions' | 'audit_log' | 'webhook_deliveries';
  /** Column of the number. */
  readonly number: string;
  /** Columns to select. */
  readonly columns: string;
}

const maxNumber = 2_147_483_647;

/** Returns rows of a table, the newest first: those with the given values in their columns. */
export const selectNewest = <R extends object>(
  database: Database,
  { table, number, columns }: Numbered,
  { before = maxNumber, limit }: Page,
  match: Readonly<Partial<Record<'environment' | 'pull_request', string | undefined>>> = {},
): Promise<R[]> => {
  const given = Object.entries(match).filter(([, value]) => value !== undefined);
  const matching = given.map(([column], index) => `${column} = $${index + 3} and `).join('');
  return database.query<R>(
    `select ${columns} from registry.${table} where ${matching}${number} < $1 order by ${number} desc limit $2`,
    [before, limit, ...given.map(([, value]) => value)],
  );
};
