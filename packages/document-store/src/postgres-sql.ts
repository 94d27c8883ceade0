import { demandPlainName } from './errors.ts';
import { fromStoredText, toStored } from './text.ts';
import type { Scalar } from './types.ts';

/* Parts of statements, and of their answers. */

/** Columns of a document, as they are read. */
export const columns = 'id, revision::float8 as revision, doc::text as doc';

/**
 * Compares JSON texts, so that 1 and '1' differ; a missing field is null, as in MongoDB. Comparing jsonb
 * values takes twice as long, mainly when an index is built. Postgres writes both sides, so equal values have
 * equal texts.
 */
export const equality = (field: string): string =>
  `(coalesce((doc->'${demandPlainName(field)}')::text, 'null') collate "C")`;

/** Parameter with such texts, passed as an array of JSON values. */
export const jsonTexts = (parameter: number): string => `$${parameter}::jsonb[]::text[]`;

/** Parameter with one such text, passed as a JSON value. */
export const jsonText = (parameter: number): string => `$${parameter}::jsonb::text`;

/** Null if the field is no number, which excludes the document from all pages. */
export const order = (field: string): string =>
  `(case when jsonb_typeof(doc->'${demandPlainName(field)}') = 'number' then (doc->>'${field}')::float8 end)`;

/** The values of a condition, for jsonTexts. */
export const toList = (value: Scalar | readonly Scalar[]): string[] => [
  ...new Set((Array.isArray(value) ? value : [value]).map(toStored)),
];

/** Returns the ids without a row of an answer. */
export const lostOf = (ids: readonly string[], rows: readonly { readonly id: string }[]): string[] => {
  if (rows.length === ids.length) return [];
  const won = new Set(rows.map(({ id }) => fromStoredText(id)));
  return ids.filter((id) => !won.has(id));
};
