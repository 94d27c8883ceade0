import { isStorable } from '@rookery/registry-protocol';
import { RegistryError } from '../errors.ts';
import type { Database } from './database.ts';
import { isoTime } from './iso-time.ts';
import { isOpenNow } from './open-subscriptions.ts';
import { type RowNames, shownNames } from './usage-rows.ts';

/** Requests of one operation by one version of one client. */
export interface OperationUsage {
  readonly document: string;
  readonly operationName: string | null;
  readonly client: { readonly name: string; readonly version: string | null };
  readonly count: number;
  readonly errors: number;
  readonly durationMs: number;
  readonly lastSeen: string;
  /** Subscriptions that are open now; the requests that opened them are counted by themselves. */
  readonly openSubscriptions?: number;
  readonly inputs: readonly string[];
}

export interface UsageWindow {
  readonly from: string;
  readonly to: string;
}

interface Row extends RowNames {
  readonly id: string;
  readonly document: string;
  readonly count: number;
  readonly errors: number;
  readonly durationMs: number;
  readonly lastSeen: string;
  readonly openSubscriptions?: number;
  readonly inputs: readonly string[];
}

const present = ({ operation, client, version, ...row }: Row): OperationUsage => ({
  document: row.document,
  count: row.count,
  errors: row.errors,
  durationMs: row.durationMs,
  lastSeen: row.lastSeen,
  ...(row.openSubscriptions === undefined ? {} : { openSubscriptions: row.openSubscriptions }),
  inputs: row.inputs,
  ...shownNames({ operation, client, version }),
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

/** Returns the end of a statement: the rows of `whole` whose documents are not too long for one page. */
const rowsThatFit = `
  select * from (
    select whole.*, count(*) over ()::int as found,
           sum(length(document)) over (order by id, operation, client, version) - length(document) as before
    from whole
  ) as measured
  where before < ${maxTextOfPage} order by id, operation, client, version`;

const page = `${wholeRows({
  // The first condition is one that the index decides.
  after: `and document_id >= $4 and (${key}) > ($4, $5, $6, $7)`,
  order: key,
  limit: '$8',
})} ${rowsThatFit}`;

const openPage = `
  with part as (
    select ${key}, sum(open)::int as open, max(reported_at) as reported_at
    from registry.open_subscriptions where ${isOpenNow} and (${key}) > ($2, $3, $4, $5)
    group by ${key} order by ${key} limit $6
  ), whole as (
    select id, document, operation, client, client_version as version, 0 as count, 0 as errors, 0 as "durationMs",
           open as "openSubscriptions", ${isoTime('reported_at', 'lastSeen')},
           array(
             select distinct unnest(inputs) from registry.open_subscriptions
             where ${isOpenNow} and (${key}) = (part.document_id, part.operation, part.client, part.client_version)
           ) as inputs
    from part join registry.usage_documents on id = document_id
  ) ${rowsThatFit}`;

/** Start of a page: first the counts of a window, then what is open now. */
interface PageStart {
  readonly part: 'counts' | 'open';
  /** Key of the row before; empty texts at the start. */
  readonly key: readonly string[];
}

const firstKey = ['', '', '', ''];
const startKey = ({ part, key: own }: PageStart): string =>
  Buffer.from(JSON.stringify(part === 'open' ? [...own, part] : own)).toString('base64url');

/** @throws RegistryError BAD_USER_INPUT */
const readStart = (after: string | undefined): PageStart => {
  if (after === undefined) return { part: 'counts', key: firstKey };
  try {
    const parts: unknown = JSON.parse(Buffer.from(after, 'base64url').toString());
    const isText = (part: unknown) => typeof part === 'string' && isStorable(part);
    if (Array.isArray(parts) && parts.every(isText)) {
      if (parts.length === 4) return { part: 'counts', key: parts };
      if (parts.length === 5 && parts[4] === 'open') return { part: 'open', key: parts.slice(0, 4) };
    }
  } catch {
    // It is no key of a page, as below.
  }
  throw new RegistryError('BAD_USER_INPUT', 'after: must be the `next` of another page.');
};

type Found = Row & { readonly found: number };

const pageOf = (part: PageStart['part'], rows: readonly Found[], maxRows: number): UsagePage => {
  const last = rows.at(-1);
  const isLast = last === undefined || (rows.length === last.found && last.found < maxRows);
  return {
    operations: rows.map(present),
    next: isLast ? undefined : startKey({ part, key: [last.id, last.operation, last.client, last.version] }),
  };
};

/**
 * Returns one page of everything that was seen in a window. Documents come in the order of their hashes, so that
 * a page costs what it has. The subscriptions that are open now, whatever the window, begin on the last page of the counts.
 * @throws RegistryError BAD_USER_INPUT
 */
export const readUsagePage = async (
  database: Database,
  environment: string,
  { from, to }: UsageWindow,
  after: string | undefined,
  maxRows = maxRowsOfPage,
): Promise<UsagePage> => {
  const { part, key: before } = readStart(after);
  const openAfter = async (start: readonly string[]): Promise<UsagePage> =>
    pageOf('open', await database.query<Found>(openPage, [environment, ...start, maxRows]), maxRows);
  if (part === 'open') return openAfter(before);
  const rows = await database.query<Found>(page, [environment, from, to, ...before, maxRows]);
  const counts = pageOf(part, rows, maxRows);
  if (counts.next !== undefined) return counts;
  const open = await openAfter(firstKey);
  return { operations: [...counts.operations, ...open.operations], next: open.next };
};

/** Reads a window page by page, with what is open now. */
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
