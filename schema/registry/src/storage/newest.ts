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

/** Returns rows of a table, the newest first: those of one environment, or all. */
export const selectNewest = <R extends object>(
  database: Database,
  { table, number, columns }: Numbered,
  { before = maxNumber, limit }: Page,
  environment?: string,
): Promise<R[]> => {
  const ofEnvironment = environment === undefined ? '' : 'environment = $3 and';
  return database.query<R>(
    `select ${columns} from registry.${table} where ${ofEnvironment} ${number} < $1 order by ${number} desc limit $2`,
    [before, limit, ...(environment === undefined ? [] : [environment])],
  );
};
