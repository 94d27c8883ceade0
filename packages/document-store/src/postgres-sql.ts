import { demandPlainName } from './errors.ts';
import { fromStoredText, toStored } from './text.ts';
import type { Scalar } from './types.ts';

/* Parts of statements, and of their answers. */

/** Columns of a document, as they are read. */
export const columns = 'id, revision::float8 as revision, doc::text as doc';

/** Returns the columns of a document with a list of these fields instead of the document: an object takes longer to make. */
export const columnsOf = (fields: readonly string[]): string => {
  const values = fields.map((field) => `doc->'${demandPlainName(field)}'`);
  return `id, revision::float8 as revision, json_build_array(${values.join(', ')})::text as doc`;
};

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

/**
 * Parameter with ids, of whose number the planner knows nothing. Postgres keeps the plan of a prepared statement only if that does
 * not look dearer than one for the values at hand. It takes an array of unknown length for one of ten elements, so it would plan
 * each statement with fewer of them again, which takes longer than running it.
 */
export const idsAt = (parameter: number): string => `(select $${parameter}::text[])::text[]`;

/** Null if the field is no number, which excludes the document from all pages. */
export const order = (field: string): string =>
  `(case when jsonb_typeof(doc->'${demandPlainName(field)}') = 'number' then (doc->>'${field}')::float8 end)`;

/** The values of a condition, for jsonTexts. */
export const toList = (value: Scalar | readonly Scalar[]): string[] => [
  ...new Set((Array.isArray(value) ? value : [value]).map(toStored)),
];

/**
 * Returns texts as a parameter of type text[]. The client escapes each text of an array by itself; ids, as a rule, have nothing to
 * escape.
 */
export const textArray = (texts: readonly string[]): string | readonly string[] =>
  texts.length === 0 || texts.some((text) => text.includes('"') || text.includes('\\'))
    ? texts
    : `{"${texts.join('","')}"}`;

/**
 * Returns documents as one parameter: JSON has no line breaks, and elements of an array would be escaped one by one, here and
 * there. See `documentsOf`.
 */
export const joinDocuments = (docs: readonly unknown[]): string => docs.map(toStored).join('\n');

/** Array of texts of the documents in such a parameter. */
export const documentTexts = (parameter: number): string => `string_to_array($${parameter}, E'\\n')`;

/** Answer to a statement that writes documents: stored ids of those that it has written, or null if it has written all. */
export interface Written {
  readonly won: readonly string[] | null;
}

/**
 * Query of the answer to a write of the documents with the ids of the first parameter, out of the relation `won` of those that it
 * has written. Usually it has written all, so the answer is short.
 */
export const selectWritten =
  "select case when count(*) < cardinality($1::text[]) then coalesce(array_agg(id), '{}') end as won from won";

/** Returns the ids of the documents that an answer lacks. */
export const lostOf = (ids: readonly string[], [written]: readonly Written[]): string[] => {
  if (!written?.won) return [];
  const won = new Set(written.won.map(fromStoredText));
  return ids.filter((id) => !won.has(id));
};
