import { demandPlainName } from './errors.ts';
import { equality, jsonText, jsonTexts, order, toList } from './postgres-sql.ts';
import type { Among, PageRequest } from './types.ts';

interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
  /** True if it goes along one range of one index, whatever its values are. */
  readonly isOneScan: boolean;
}

/** Numbers the parameters of a statement. */
class Parameters {
  readonly values: unknown[] = [];

  add(value: unknown): number {
    return this.values.push(value);
  }
}

/** Returns the name of the index of these fields and this order, quoted, if there is one. */
export type IndexOf = (equal: readonly string[], order: string) => string | undefined;

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
 * @param columns of a document, as they are read
 * @param tableOf returns the table of a collection in the namespace of the page
 * @param indexOf returns the index of the table
 */
export const pageStatement = (
  table: string,
  columns: string,
  { where, among, orderBy, direction, after, until, limit }: PageRequest,
  tableOf: (collection: string) => string,
  indexOf: IndexOf,
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
    columns,
    joined,
    key: order(orderBy),
    isAscending,
    bound: `$${parameters.add(after ?? (isAscending ? -Infinity : Infinity))}::float8`,
    end: until === undefined ? undefined : `$${parameters.add(until)}::float8`,
    limit: `$${parameters.add(limit)}::bigint`,
  };
  const isOneScan = among === undefined && lists.every(({ list }) => list.length === 1);
  if (isOneScan) return { text: oneScan(scan), values: parameters.values, isOneScan };
  const root = `$${parameters.add(Math.ceil(Math.sqrt(limit)))}::bigint`;
  const along = among && indexOf(Object.keys(where), orderBy);
  const text =
    along !== undefined && lists.every(({ list }) => list.length === 1)
      ? firstOfAll(scan, root, along)
      : manyScans(scan, root);
  return { text, values: parameters.values, isOneScan };
};

interface Scan {
  readonly table: string;
  readonly columns: string;
  readonly joined: readonly Joined[];
  /** Expression of the order. */
  readonly key: string;
  readonly isAscending: boolean;
  /** Exclusive. */
  readonly bound: string;
  /** Exclusive bound at the other end, if there is one. */
  readonly end: string | undefined;
  readonly limit: string;
}

/** Returns the conditions of the order of a document. */
const placeOf = ({ key, isAscending, bound, end }: Scan): string[] => {
  const [next, previous] = isAscending ? ['>', '<'] : ['<', '>'];
  return [`${key} ${next} ${bound}`, ...(end === undefined ? [] : [`${key} ${previous} ${end}`])];
};

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
  const { table, joined, key, isAscending } = scan;
  const conditions = [
    ...joined.map(({ field }, i) => `${equality(field)} = ${from}.w${i}`),
    ...placeOf(scan),
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
${lateral(scan, 'wanted', scan.limit, { selected: `${scan.columns}, ` })}
order by key ${directionOf(scan)} limit ${scan.limit}`;

/** Number of the first documents of a scan that are compared with those of others, in a statement with `wanted`. */
const few = '(select few from sizes)';

/**
 * Returns the relation of all combinations of values as the first one of a statement, and their number. If they are few, more of the
 * first documents of each are compared, so that together these are twice as many as the page has.
 *
 * @param root square root of the limit
 */
const wanted = (scan: Scan, root: string): string => `
with wanted as materialized (
 select ignored${ownOf(scan, '')} from ${combinations(scan)}
), sizes as materialized (
 select scans, greatest(${root}, 2 * ${scan.limit} / greatest(scans, 1)) as few from (
  select count(*) as scans from wanted
 ) as counted
)`;

/** Returns the columns of a combination, out of a relation. */
const ownOf = ({ joined }: Scan, of: string): string => joined.map((_, i) => `, ${of}w${i}`).join('');

/**
 * The page of n documents out of k scans, at the cost of one row of each scan and about 2·n·√n rows of the best ones,
 * however the documents are distributed. Every document of the page is at or before the `edge`, the n-th best of those
 * seen so far:
 *
 *   heads  the first of each scan. The page only needs scans whose first is within the edge, at most n.
 *   tops   the first √n of each of those, or more if the scans are few, which move the edge closer: fewer than √n scans can have
 *          more within it.
 */
const bestOfScans = (scan: Scan, condition = 'true') => {
  const { isAscending, limit } = scan;
  const within = isAscending ? '<=' : '>=';
  const farthest = isAscending ? "'Infinity'::float8" : "'-Infinity'::float8";
  const edgeOf = (of: string) => `select coalesce(
  (select key from ${of} order by key ${directionOf(scan)} offset ${limit} - 1 limit 1), ${farthest}) as key`;
  const edge = '(select key from edge)';
  const closer = '(select key from closer)';
  return {
    relations: `heads as materialized (
 select found.key${ownOf(scan, 'wanted.')} from wanted ${lateral(scan, 'wanted', '1')} where ${condition}
), edge as materialized (${edgeOf('heads')}
), tops as materialized (
 select found.key from heads ${lateral(scan, 'heads', few, { edge })} where heads.key ${within} ${edge}
), closer as materialized (${edgeOf('tops')}
)`,
    page: `select found.id, found.revision, found.doc, found.key from (
 select heads.key as head${ownOf(scan, 'heads.')} from heads where key ${within} ${closer}
) as chosen
${lateral(scan, 'chosen', limit, { selected: `${scan.columns}, `, edge: closer })}`,
  };
};

/** Returns the first documents of a relation with a key, as the whole result of a statement. */
const firstOf = (scan: Scan, page: string): string => `
select id, revision, doc from (
${page}
) as page order by key ${directionOf(scan)} limit ${scan.limit}`;

const manyScans = (scan: Scan, root: string): string => {
  const { relations, page } = bestOfScans(scan);
  return `${wanted(scan, root)}, ${relations}${firstOf(scan, page)}`;
};

/**
 * The same page, if the last of the joined fields has many values: it looks along the index of all other fields first. If enough
 * of the first documents have one of the values, or there are no others, these are the page, and no scan is begun. It looks at
 * two documents for each scan and at √n for each of the page, which takes less time than the scans, because they lie together, and
 * at no more than the scans would.
 *
 * @param index along which it looks; it may be missing, until a projector has prepared the store
 */
const firstOfAll = (scan: Scan, root: string, index: string): string => {
  const { table, joined, key, limit } = scan;
  const last = joined.length - 1;
  const conditions = [
    ...joined.slice(0, last).map(({ field }, i) => `${equality(field)} = (select w${i} from wanted limit 1)`),
    ...placeOf(scan),
  ];
  const all = (what: string) => `select ${what} from ${table}
  where ${conditions.join(' and ')}
  order by ${key} ${directionOf(scan)}`;
  // With a condition that is not the bare `in`, Postgres hashes the values, keeps the order, and stops at the last that it needs.
  const hits = `range as materialized (
 select case when to_regclass('${index}') is null then 0
  else least(2 * scans + ${limit} * ${root}, scans * (1 + few) + ${limit}) end as size from sizes
), hits as materialized (
 select ${scan.columns}, key from (
  ${all(`id, revision, doc, ${key} as key, ${equality(joined[last]?.field ?? '')} as value`)} limit (select size from range)
 ) as along where (value in (select w${last} from wanted)) is true
 order by key ${directionOf(scan)} limit ${limit}
), found as materialized (
 select case when count(*) = ${limit} then true when (select size from range) = 0 then false
  else not exists (${all('1')} offset (select size from range) limit 1) end as is_page from hits
)`;
  const { relations, page } = bestOfScans(scan, 'not (select is_page from found)');
  return `${wanted(scan, root)}, ${hits}, ${relations}${firstOf(
    scan,
    `select id, revision, doc, key from hits where (select is_page from found)
union all
${page}`,
  )}`;
};
