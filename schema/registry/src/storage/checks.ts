import type { CheckReport } from '@rookery/schema/check';
import { RegistryError } from '../errors.ts';
import type { CheckRequest } from '../input.ts';
import type { Database, Queryable } from './database.ts';
import { isoTime } from './iso-time.ts';
import { type Page, selectNewest } from './newest.ts';

/** A check that ran. */
export interface Check {
  readonly number: number;
  readonly environment: string;
  /** Version compared with; null if there was none. */
  readonly base: number | null;
  readonly subgraphs: readonly string[];
  readonly removed: readonly string[];
  readonly author: string | null;
  readonly commit: string | null;
  readonly message: string | null;
  /** Pull request in which it ran: `acme/reviews#12`. */
  readonly pullRequest: string | null;
  readonly ok: boolean;
  readonly outcome: CheckReport['outcome'];
  readonly checkedAt: string;
}

export interface StoredCheck extends Check {
  readonly report: CheckReport;
}

const columns = `number::int, environment, base::int, subgraphs, removed, author, commit, message, ok, outcome,
  pull_request as "pullRequest", ${isoTime('checked_at', 'checkedAt')}`;

/** Escapes as JSON cannot hold in Postgres: `\\u0000` and lone surrogates, which only a document of a client can have. */
const storable = (report: CheckReport): string =>
  JSON.stringify(report, (_key, value: unknown) =>
    typeof value === 'string' ? value.toWellFormed().replaceAll('\0', '\ufffd') : value,
  );

export const insertCheck = async (
  client: Queryable,
  environment: string,
  { subgraphs, remove, author, commit, message, pullRequest }: CheckRequest,
  base: number | null,
  report: CheckReport,
): Promise<Check> => {
  const { rows } = await client.query<Check>(
    `insert into registry.checks
       (environment, base, subgraphs, removed, author, commit, message, pull_request, ok, outcome, report)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) returning ${columns}`,
    [
      environment,
      base,
      subgraphs.map(({ name }) => name),
      remove,
      author ?? null,
      commit ?? null,
      message ?? null,
      pullRequest ?? null,
      report.ok,
      report.outcome,
      storable(report),
    ],
  );
  const [check] = rows;
  if (check === undefined) throw new Error('the check was not inserted');
  return check;
};

/** Returns checks, the newest first: those of one pull request, or all. */
export const listChecks = (
  database: Database,
  environment: string,
  page: Page,
  pullRequest?: string,
): Promise<Check[]> =>
  selectNewest(database, { table: 'checks', number: 'number', columns }, page, {
    environment,
    pull_request: pullRequest,
  });

/** @throws RegistryError NOT_FOUND */
export const readCheck = async (database: Database, number: number): Promise<StoredCheck> => {
  const [check] = await database.query<StoredCheck>(
    `select ${columns}, report from registry.checks where number = $1`,
    [number],
  );
  if (check === undefined) throw new RegistryError('NOT_FOUND', `There is no check ${number}.`);
  return check;
};
