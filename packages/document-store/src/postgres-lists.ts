import { type CollectionName, collections, type Index } from '@rookery/read-models';
import { demandPlainName } from './errors.ts';
import { jsonText, order } from './postgres-sql.ts';
import { toStored } from './text.ts';
import type { PageRequest } from './types.ts';

/*
 * Indexes of the values of a list (`Index.each`). Postgres has no index that finds documents by a value in a list and returns
 * them in the order of another field. So each such index is a table of values, which triggers change in the transaction that
 * changes the document.
 */

type ListIndex = Index & { readonly each: string; readonly order: string };

const isListIndex = (index: Index): index is ListIndex =>
  index.each !== undefined && index.order !== undefined;

const listIndexesOf = (name: CollectionName): readonly ListIndex[] => collections[name].filter(isListIndex);

/** Returns the quoted name of the table of an index, and of the function of its triggers. */
const nameOf = (schema: string, collection: CollectionName, field: string): string =>
  `"${schema}"."${collection}_each_${demandPlainName(field).toLowerCase()}"`;

/** Field that is a list → table of its index. */
export const listTables = (schema: string, collection: CollectionName): ReadonlyMap<string, string> =>
  new Map(listIndexesOf(collection).map(({ each }) => [each, nameOf(schema, collection, each)]));

/**
 * Returns the query of the distinct rows of an index, out of a relation of documents. A document whose order is no number has
 * none, as in pages.
 */
const rowsOf = ({ each, order: by }: ListIndex, documents: string): string => {
  const list = `doc->'${demandPlainName(each)}'`;
  return `select distinct element::text collate "C" as value, ${order(by)} as key, id
    from ${documents} cross join lateral jsonb_array_elements(
      case when jsonb_typeof(${list}) = 'array' then ${list} else '[]'::jsonb end
    ) as element where ${order(by)} is not null`;
};

/**
 * Returns the statement that removes rows from an index. It looks up each row by the key, however small the index was when the
 * statement was planned.
 */
const removal = (name: string, rows: string): string => `
  delete from ${name} where ctid = any(array(
    select found.at from (${rows}) as gone cross join lateral (
      select ctid as at from ${name} as present
      where present.value = gone.value and present.key = gone.key and present.id = gone.id limit 1
    ) as found
  ))`;

/**
 * Returns the statements that add rows to an index, in its order. A row is there already only if somebody has removed documents
 * without triggers. So they are added without looking first, which takes less time.
 */
const addition = (name: string, rows: string): string => {
  const insert = `insert into ${name} select * from (${rows}) as written order by value, key, id`;
  return `begin ${insert}; exception when unique_violation then ${insert} on conflict do nothing; end`;
};

/**
 * Returns the body of the triggers, which run once for each statement: a batch adds its rows together, in their order. The tables
 * of changed rows are called `gone` and `written`.
 */
const triggerBody = (name: string, index: ListIndex): string => {
  const gone = rowsOf(index, 'gone');
  const written = rowsOf(index, 'written');
  return `begin
    if tg_op = 'INSERT' then
      ${addition(name, written)};
    elsif tg_op = 'DELETE' then
      ${removal(name, gone)};
    elsif exists (select from gone) then
      ${removal(name, `${gone} except ${written}`)};
      ${addition(name, `${written} except ${gone}`)};
    end if;
    return null;
  end`;
};

/** Event of a trigger → its name, and its tables of changed rows. */
const triggers = {
  insert: ['inserted', 'new table as written'],
  update: ['updated', 'old table as gone new table as written'],
  delete: ['deleted', 'old table as gone'],
} as const;

const createIndex = (schema: string, collection: CollectionName, index: ListIndex): string => {
  const documents = `"${schema}"."${collection}"`;
  const name = nameOf(schema, collection, index.each);
  const prefix = `${collection}_each_${index.each.toLowerCase()}`;
  // An older build ran a trigger for each row, called after the event.
  const replaced = Object.entries(triggers).map(
    ([event, [called, changed]]) => `
      drop trigger if exists "${prefix}_${event}" on ${documents};
      create trigger "${prefix}_${called}" after ${event} on ${documents} referencing ${changed}
        for each statement execute function ${name}();`,
  );
  return `
  do $create$ declare
    is_new constant boolean := to_regclass('${name}') is null;
  begin
    if is_new then
      create table ${name} (
        value text collate "C" not null, key float8 not null, id text collate "C" not null
      );
      -- So that no document is missed until this is committed.
      lock table ${documents} in share row exclusive mode;
    end if;
    if not exists (
      select from pg_trigger where tgrelid = '${documents}'::regclass and tgname = '${prefix}_${triggers.insert[0]}'
    ) then
      create or replace function ${name}() returns trigger language plpgsql as $trigger$ ${triggerBody(name, index)} $trigger$;
      ${replaced.join('')}
    end if;
    if is_new then
      -- The key comes last: building it at once takes half as long as adding row by row.
      insert into ${name} ${rowsOf(index, documents)};
      alter table ${name} add primary key (value, key, id);
    end if;
  end $create$`;
};

/** Returns the statements that create the missing indexes of lists, and fill them from documents that exist already. */
export const createListIndexes = (schema: string, collection: CollectionName): string[] =>
  listIndexesOf(collection).map((index) => createIndex(schema, collection, index));

/** Returns the statements that drop what is left of the indexes of lists once the table of the documents is dropped. */
export const dropListIndexes = (schema: string, collection: CollectionName): string[] =>
  [...listTables(schema, collection).values()].flatMap((name) => [
    `drop table if exists ${name}`,
    `drop function if exists ${name}()`,
  ]);

/**
 * Returns the statement of a page of the documents whose list has a value: one scan along the index of the list.
 * @throws TypeError if the request has other conditions, because no index answers it
 */
export const listPageStatement = (
  table: string,
  listTable: string,
  columns: string,
  { where, among, direction, after, until, limit }: PageRequest,
): { readonly text: string; readonly values: readonly unknown[]; readonly isOneScan: boolean } => {
  const [value, ...others] = Object.values(where);
  if (
    others.length > 0 ||
    among !== undefined ||
    until !== undefined ||
    Array.isArray(value) ||
    value === undefined
  )
    throw new TypeError('a page by a value of a list takes one value and no other condition');
  const isAscending = direction === 'asc';
  return {
    text: `select ${columns} from (
      select id as found, key from ${listTable}
      where value = ${jsonText(1)} and key ${isAscending ? '>' : '<'} $2::float8
      order by key ${direction} limit $3
    ) as listed join ${table} on id = found order by key ${direction}`,
    values: [toStored(value), after ?? (isAscending ? -Infinity : Infinity), limit],
    isOneScan: false,
  };
};
