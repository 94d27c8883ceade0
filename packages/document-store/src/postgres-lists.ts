import { type CollectionName, collections, type Index } from '@rookery/read-models';
import { demandPlainName } from './errors.ts';
import { columns, jsonText, order } from './postgres-sql.ts';
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
 * Returns the query of the rows of an index, out of a relation of documents. A document whose order is no number has none, as
 * in pages.
 * @param select `select distinct` leaves out the repeated values of a list
 */
const rowsOf = (
  { each, order: by }: ListIndex,
  documents: string,
  select: 'select' | 'select distinct' = 'select',
): string => {
  const list = `doc->'${demandPlainName(each)}'`;
  return `select each.value, ${order(by)} as key, id
    from ${documents} cross join lateral (
      ${select} element::text as value from jsonb_array_elements(
        case when jsonb_typeof(${list}) = 'array' then ${list} else '[]'::jsonb end
      ) as element
    ) as each where ${order(by)} is not null`;
};

const createIndex = (schema: string, collection: CollectionName, index: ListIndex): string => {
  const { each, order: by } = index;
  const [documents, name] = [`"${schema}"."${collection}"`, nameOf(schema, collection, each)];
  const only = (version: 'old' | 'new') => `(select ${version}.id as id, ${version}.doc as doc) as written`;
  const differs = [each, by].map((field) => `old.doc->'${field}' is distinct from new.doc->'${field}'`);
  const trigger = (on: 'insert' | 'update' | 'delete', when: string): string =>
    `create trigger "${collection}_each_${each.toLowerCase()}_${on}" after ${on} on ${documents}
      for each row when (${when}) execute function ${name}();`;
  return `
  do $create$ begin
    if to_regclass('${name}') is null then
      create table ${name} (
        value text collate "C" not null, key float8 not null, id text collate "C" not null
      );
      create or replace function ${name}() returns trigger language plpgsql as $trigger$ begin
        if tg_op <> 'INSERT' then
          delete from ${name} where (value, key, id) in (${rowsOf(index, only('old'))});
        end if;
        if tg_op <> 'DELETE' then
          insert into ${name} ${rowsOf(index, only('new'))} on conflict do nothing;
        end if;
        return null;
      end $trigger$;
      ${trigger('insert', `new.doc ? '${each}'`)}
      ${trigger('update', differs.join(' or '))}
      ${trigger('delete', `old.doc ? '${each}'`)}
      -- From here on the documents are locked, so none is missed. The key comes last: building it at once takes half as long as
      -- adding row by row.
      insert into ${name} ${rowsOf(index, documents, 'select distinct')};
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
  { where, among, direction, after, limit }: PageRequest,
): { readonly text: string; readonly values: readonly unknown[]; readonly isOneScan: boolean } => {
  const [value, ...others] = Object.values(where);
  if (others.length > 0 || among !== undefined || Array.isArray(value) || value === undefined)
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
