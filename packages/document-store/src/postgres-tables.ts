import { type CollectionName, collections, findIndex, type Index, indexName } from '@rookery/read-models';
import { createListIndexes } from './postgres-lists.ts';
import type { IndexOf } from './postgres-page.ts';
import { equality, order } from './postgres-sql.ts';

/* Names and definitions of the tables and their indexes. */

/** Returns the schema: `documents` for the base, and a separate one for each namespace. */
export const schemaOf = (namespace: string | undefined): string => namespace ?? 'documents';

export const tableOf = (namespace: string | undefined, name: CollectionName): string =>
  `"${schemaOf(namespace)}"."${name}"`;

const key = 'primary key (id)';
/** Returns the definition of a table. It is filled faster without a key. */
export const table = (schema: string, name: CollectionName, keyed = true): string =>
  `create table if not exists "${schema}"."${name}" (id text collate "C" not null, revision bigint not null, doc jsonb not null${keyed ? `, ${key}` : ''})`;

/** Adds the key of a table that a load has left without one. */
export const addKey = (schema: string, name: CollectionName): string => `
  do $$ begin
    if not exists (select from pg_index where indrelid = '"${schema}"."${name}"'::regclass and indisprimary) then
      alter table "${schema}"."${name}" add ${key};
    end if;
  end $$`;

/**
 * Has Postgres keep no statistics of whole documents, which no query compares: to sort a sample of them takes half of the time of an
 * automatic analysis, for which it occupies a core.
 */
const withoutStatistics = (schema: string, name: CollectionName): string => `
  do $$ begin
    if exists (
      select from pg_attribute
      where attrelid = '"${schema}"."${name}"'::regclass and attname = 'doc' and attstattarget is distinct from 0
    ) then
      alter table "${schema}"."${name}" alter column doc set statistics 0;
    end if;
  end $$`;

export const tables = (schema: string, names: readonly CollectionName[]): string[] => [
  `create schema if not exists "${schema}"`,
  ...names.flatMap((name) => [table(schema, name), addKey(schema, name), withoutStatistics(schema, name)]),
];

/** Returns the name of an index in its schema. */
const calledOf = (name: CollectionName, index: Index): string => `${indexName(name, index)}_text`;

export const indexesOf =
  (schema: string, name: CollectionName): IndexOf =>
  (equal, order) => {
    const index = findIndex(name, equal, order);
    return index && `"${schema}"."${calledOf(name, index)}"`;
  };

/** A page compares the order with a bound, from which Postgres concludes that a sparse index has all of its documents. */
const placed = ({ sparse, order: by }: Index): string =>
  sparse && by !== undefined ? ` where ${order(by)} is not null` : '';

/** Adds an index. `if not exists` would lock the table against writes before it looks, and keep the lock until the end of the transaction. */
const addIndex = (schema: string, name: CollectionName, called: string, definition: string): string => `
  do $$ begin
    if to_regclass('"${schema}"."${called}"') is null then
      create index "${called}" on "${schema}"."${name}" ${definition};
    end if;
  end $$`;

/** Returns the statements that add the missing indexes, those of one index together. */
export const indexes = (schema: string, names: readonly CollectionName[]): string[][] =>
  names.flatMap((name) => [
    ...createListIndexes(schema, name).map((statement) => [statement]),
    ...collections[name].flatMap((index: Index) => {
      if (index.each !== undefined) return [];
      const expressions = [...index.equal.map(equality), ...(index.order ? [order(index.order)] : [])];
      return [
        [
          // Created by an older build, which compared jsonb.
          `drop index if exists "${schema}"."${indexName(name, index)}"`,
          addIndex(schema, name, calledOf(name, index), `(${expressions.join(', ')})${placed(index)}`),
        ],
      ];
    }),
  ]);
