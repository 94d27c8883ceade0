import { demandPlainName } from './errors.ts';
import { columns, equality, jsonText, jsonTexts, order, toList } from './postgres-sql.ts';
import type { Among, PageRequest } from './types.ts';

interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Numbers the parameters of a statement. */
class Parameters {
  readonly values: unknown[] = [];

  add(value: unknown): number {
    return this.values.push(value);
  }
}

/** A field that must equal a column of the relation that the page is joined with. */
interface Joined {
  readonly field: string;
  /** Relation that has the values in its column `value`. */
  readonly source: string;
}

const amongSource = (
  { collection, values, where }: Among,
  tableOf: (collection: string) => string,
  parameters: Parameters,
): string => {
  const conditions = Object.entries(where).map(([field, value]) => {
    const list = toList(value);
    // With `any` for one value, Postgres may look it up in each document instead of the index.
    const wanted =
      list.length === 1 ? jsonText(parameters.add(list[0])) : `any(${jsonTexts(parameters.add(list))})`;
    return `${equality(field)} = ${wanted}`;
  });
  return `(select distinct (doc->'${demandPlainName(values)}')::text as value from ${tableOf(collection)}
    where ${conditions.join(' and ') || 'true'})`;
};

/**
 * Returns the statement of a page. Each combination of the values of `where` and `among` is a scan along the index, and the
 * page is the first `limit` of all of them.
 *
 * @param tableOf returns the table of a collection in the namespace of the page
 */
export const pageStatement = (
  table: string,
  { where, among, orderBy, direction, after, limit }: PageRequest,
  tableOf: (collection: string) => string,
): Statement => {
  const parameters = new Parameters();
  const lists = Object.entries(where).map(([field, value]) => ({ field, list: toList(value) }));
  const joined: Joined[] = lists.map(({ field, list }) => ({
    field,
    source: `unnest(${jsonTexts(parameters.add(list))})`,
  }));
  if (among) joined.push({ field: among.field, source: amongSource(among, tableOf, parameters) });
  const isAscending = direction === 'asc';
  const scan: Scan = {
    table,
    joined,
    key: order(orderBy),
    isAscending,
    bound: `$${parameters.add(after ?? (isAscending ? -Infinity : Infinity))}::float8`,
    limit: `$${parameters.add(limit)}`,
  };
  const isOneScan = among === undefined && lists.every(({ list }) => list.length === 1);
  const text = isOneScan ? oneScan(scan) : manyScans(scan, `$${parameters.add(Math.ceil(Math.sqrt(limit)))}`);
  return { text, values: parameters.values };
};

interface Scan {
  readonly table: string;
  readonly joined: readonly Joined[];
  /** Expression of the order. */
  readonly key: string;
  readonly isAscending: boolean;
  /** Exclusive. */
  readonly bound: string;
  readonly limit: string;
}

const directionOf = ({ isAscending }: Scan): string => (isAscending ? 'asc' : 'desc');

/** Returns the relation of all combinations of values, with the columns w0, w1, … */
const combinations = ({ joined }: Scan): string =>
  `(values (0)) as one (ignored)${joined
    .map(({ source }, i) => `\n cross join ${source} as source${i} (w${i})`)
    .join('')}`;

/** Returns a scan of at most `limit` documents of one combination, the columns of which are in `from`. */
const lateral = (
  scan: Scan,
  from: string,
  limit: string,
  { selected = '', edge }: { readonly selected?: string; readonly edge?: string } = {},
): string => {
  const { table, joined, key, isAscending, bound } = scan;
  const conditions = [
    ...joined.map(({ field }, i) => `${equality(field)} = ${from}.w${i}`),
    `${key} ${isAscending ? '>' : '<'} ${bound}`,
    ...(edge === undefined ? [] : [`${key} ${isAscending ? '<=' : '>='} ${edge}`]),
  ];
  return `cross join lateral (
   select ${selected}${key} as key from ${table}
   where ${conditions.join(' and ')}
   order by ${key} ${directionOf(scan)} limit ${limit}
 ) as found`;
};

const oneScan = (scan: Scan): string => `
select id, revision, doc from (
 select ignored${scan.joined.map((_, i) => `, w${i}`).join('')} from ${combinations(scan)}
) as wanted
${lateral(scan, 'wanted', scan.limit, { selected: `${columns}, ` })}
order by key ${directionOf(scan)} limit ${scan.limit}`;

/**
 * The page of n documents out of k scans, at the cost of one row of each scan and about 2·n·√n rows of the best ones,
 * however the documents are distributed. Every document of the page is at or before the `edge`, the n-th best of those
 * seen so far:
 *
 *   heads  the first of each scan. The page only needs scans whose first is within the edge, at most n.
 *   tops   the first √n of each of those, which move the edge closer: fewer than √n scans can have more within it.
 */
const manyScans = (scan: Scan, few: string): string => {
  const { isAscending, limit, joined } = scan;
  const within = isAscending ? '<=' : '>=';
  const farthest = isAscending ? "'Infinity'::float8" : "'-Infinity'::float8";
  const own = (of: string) => joined.map((_, i) => `, ${of}.w${i}`).join('');
  const edgeOf = (of: string) => `select coalesce(
  (select key from ${of} order by key ${directionOf(scan)} offset ${limit} - 1 limit 1), ${farthest}) as key`;
  const edge = '(select key from edge)';
  const closer = '(select key from closer)';
  return `
with wanted as materialized (
 select ignored${joined.map((_, i) => `, w${i}`).join('')} from ${combinations(scan)}
), heads as materialized (
 select found.key${own('wanted')} from wanted ${lateral(scan, 'wanted', '1')}
), edge as materialized (${edgeOf('heads')}
), tops as materialized (
 select found.key from heads ${lateral(scan, 'heads', few, { edge })} where heads.key ${within} ${edge}
), closer as materialized (${edgeOf('tops')}
)
select id, revision, doc from (
 select heads.key as head${own('heads')} from heads where key ${within} ${closer}
) as chosen
${lateral(scan, 'chosen', limit, { selected: `${columns}, `, edge: closer })}
order by key ${directionOf(scan)} limit ${limit}`;
};
