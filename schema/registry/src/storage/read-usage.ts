import { isStorable } from '@rookery/registry-protocol';
import { RegistryError } from '../errors.ts';
import type { Database } from './database.ts';
import { isoTime } from './iso-time.ts';

/** Requests of one operation by one version of one client. */
export interface OperationUsage {
  readonly document: string;
  readonly operationName: string | null;
  readonly client: { readonly name: string; readonly version: string | null };
  readonly count: number;
  readonly errors: number;
  readonly durationMs: number;
  readonly lastSeen: string;
  readonly inputs: readonly string[];
}

export interface UsageWindow {
  readonly from: string;
  readonly to: string;
}

interface Row {
  readonly id: string;
  readonly document: string;
  readonly operation: string;
  readonly client: string;
  readonly version: string;
  readonly count: number;
  readonly errors: number;
  readonly durationMs: number;
  readonly lastSeen: string;
  readonly inputs: readonly string[];
}

const present = ({ operation, client, version, ...row }: Row): OperationUsage => ({
  document: row.document,
  count: row.count,
  errors: row.errors,
  durationMs: row.durationMs,
  lastSeen: row.lastSeen,
  inputs: row.inputs,
  operationName: operation === '' ? null : operation,
  client: { name: client === '' ? '(unknown)' : client, version: version === '' ? null : version },
});

const inWindow = `environment = $1 and hour between date_trunc('hour', $2::timestamptz) and $3`;
const key = 'document_id, operation, client, client_version';

/**
 * Returns the start of a statement whose last table, `whole`, has the sums of a window with their documents.
 * @param which decides which sums, after `where`
 */
const wholeRows = (which: { readonly after?: string; readonly order: string; readonly limit: string }) => `
  with part as (
    select ${key}, sum(count)::float8 as count, sum(errors)::float8 as errors, sum(duration_ms) as duration_ms,
           max(last_seen) as last_seen
    from registry.usage where ${inWindow} ${which.after ?? ''}
    group by ${key} order by ${which.order} limit ${which.limit}
  ), held as (
    select document_id, array_agg(distinct input order by input) as inputs
    from registry.usage, unnest(inputs) as input
    where ${inWindow} and document_id in (select document_id from part) group by document_id
  ), whole as (
    select id, document, operation, client, client_version as version, count, errors,
           duration_ms as "durationMs", coalesce(held.inputs, '{}') as inputs,
           ${isoTime('last_seen', 'lastSeen')}
    from part join registry.usage_documents on id = document_id left join held using (document_id)
  )`;

const busiest = `${wholeRows({ order: `sum(count) desc, ${key}`, limit: '$4' })}
  select * from whole order by count desc, id, operation, client, version`;

/** Returns the busiest operations of a window, and how many there are. */
export const busiestOperations = async (
  database: Database,
  environment: string,
  { from, to }: UsageWindow,
  limit: number,
): Promise<{ readonly operations: OperationUsage[]; readonly total: number }> => {
  const [rows, [counted]] = await Promise.all([
    database.query<Row>(busiest, [environment, from, to, limit]),
    database.query<{ total: number }>(
      `select count(distinct (${key}))::int as total from registry.usage where ${inWindow}`,
      [environment, from, to],
    ),
  ]);
  return { operations: rows.map(present), total: counted?.total ?? 0 };
};

/** Operations of one page, and the start of the next one. */
export interface UsagePage {
  readonly operations: readonly OperationUsage[];
  /** Undefined after the last page. */
  readonly next: string | undefined;
}

const maxRowsOfPage = 5_000;
/** Length of all documents of a page, which a row repeats for each client. */
const maxTextOfPage = 8 * 1024 * 1024;

const page = `${wholeRows({
  // The first condition is one that the index decides.
  after: `and document_id >= $4 and (${key}) > ($4, $5, $6, $7)`,
  order: key,
  limit: '$8',
})}
  select * from (
    select whole.*, count(*) over ()::int as found,
           sum(length(document)) over (order by id, operation, client, version) - length(document) as before
    from whole
  ) as measured
  where before < ${maxTextOfPage} order by id, operation, client, version`;

const keyOf = ({ id, operation, client, version }: Row): string =>
  Buffer.from(JSON.stringify([id, operation, client, version])).toString('base64url');

/** @throws RegistryError BAD_USER_INPUT */
const readKey = (key: string | undefined): readonly string[] => {
  if (key === undefined) return ['', '', '', ''];
  try {
    const parts: unknown = JSON.parse(Buffer.from(key, 'base64url').toString());
    const isText = (part: unknown) => typeof part === 'string' && isStorable(part);
    if (Array.isArray(parts) && parts.length === 4 && parts.every(isText)) return parts;
  } catch {
    // It is no key of a page, as below.
  }
  throw new RegistryError('BAD_USER_INPUT', 'after: must be the `next` of another page.');
};

/**
 * Returns one page of everything that was seen in a window. Documents come in the order of their hashes, so that
 * a page costs what it has.
 * @throws RegistryError BAD_USER_INPUT
 */
export const readUsagePage = async (
  database: Database,
  environment: string,
  { from, to }: UsageWindow,
  after: string | undefined,
  maxRows = maxRowsOfPage,
): Promise<UsagePage> => {
  const rows = await database.query<Row & { found: number }>(page, [
    environment,
    from,
    to,
    ...readKey(after),
    maxRows,
  ]);
  const last = rows.at(-1);
  const isLast = last === undefined || (rows.length === last.found && last.found < maxRows);
  return {
    operations: rows.map(present),
    next: isLast ? undefined : keyOf(last),
  };
};

/** Reads a window page by page. */
export async function* usagePages(
  database: Database,
  environment: string,
  window: UsageWindow,
): AsyncGenerator<readonly OperationUsage[]> {
  let after: string | undefined;
  do {
    const { operations, next } = await readUsagePage(database, environment, window, after);
    yield operations;
    after = next;
  } while (after !== undefined);
}
