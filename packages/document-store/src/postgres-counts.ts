import { documentTexts, idsAt, joinDocuments, selectWritten, textArray } from './postgres-sql.ts';
import { toStoredText } from './text.ts';
import type { Replacement, Write } from './types.ts';

/** Expression of the number in the document of a count; 0 if it was tampered with. */
export const storedCount = (doc: string): string =>
  `case when jsonb_typeof(${doc}->'n') = 'number' then (${doc}->>'n')::numeric else 0 end`;

/**
 * Returns the statement that adds to counts, and creates those that are missing.
 * @param rows query of ids and addends, ordered by id
 */
export const addStatement = (counts: string, rows: string): string =>
  `insert into ${counts} as present (id, revision, doc)
     select id, 1, jsonb_build_object('n', addend) from (${rows}) as changed(id, addend)
   on conflict (id) do update set revision = present.revision + 1,
     doc = jsonb_build_object('n', ${storedCount('present.doc')} + ${storedCount('excluded.doc')})`;

/**
 * Returns the statement that writes documents by compare-and-set and, in the same transaction, adds the
 * changes of those that win to their counts.
 *
 * Rows are locked in order of id, those of the documents before those of the counts, so that concurrent
 * statements never wait for each other in a circle. Each count is updated once, however many documents change
 * it: a batch of likes of one post locks its count only for the end of one statement.
 */
export const putStatement = (
  table: string,
  counts: string,
  writes: readonly Write<unknown>[],
): { readonly text: string; readonly values: readonly unknown[] } => {
  const put = `insert into ${table} as present (id, revision, doc)
         select id, revision + 1, doc::jsonb
         from unnest($1::text[], $2::bigint[], ${documentTexts(3)}) as written(id, revision, doc)
         order by id
       on conflict (id) do update set revision = excluded.revision, doc = excluded.doc
         where present.revision = excluded.revision - 1
       returning id`;
  const values = valuesOf(writes);
  const changes = writes.flatMap(({ id, counts: own = [] }) =>
    own.map((change) => ({ document: toStoredText(id), id: toStoredText(change.id), by: change.by })),
  );
  if (changes.length === 0) return { text: `with won as (${put}) ${selectWritten}`, values };
  const sums = `select change.id, sum(change.addend) from unnest($4::text[], $5::text[], $6::int[]) as change(document, id, addend)
         join won on won.id = change.document group by change.id order by change.id`;
  return {
    text: `with won as (${put}), counted as (${addStatement(counts, sums)}) ${selectWritten}`,
    values: [
      ...values,
      textArray(changes.map(({ document }) => document)),
      textArray(changes.map(({ id }) => id)),
      changes.map(({ by }) => by),
    ],
  };
};

/** Returns the statement that replaces documents by compare-and-set. Any plan of it locks rows in order of id, as `putStatement` does. */
export const replaceStatement = (
  table: string,
  writes: readonly Replacement<unknown>[],
): { readonly text: string; readonly values: readonly unknown[] } => ({
  text: `with won as (update ${table} as present set revision = written.revision + 1, doc = written.doc::jsonb
    from (
      select * from unnest(${idsAt(1)}, $2::bigint[], ${documentTexts(3)}) as given(id, revision, doc) order by id
    ) as written
    where present.id = written.id and present.revision = written.revision
    returning present.id) ${selectWritten}`,
  values: valuesOf(writes),
});

/** Returns ids, revisions and documents as parameters. */
const valuesOf = (writes: readonly Replacement<unknown>[]): unknown[] => [
  textArray(writes.map(({ id }) => toStoredText(id))),
  writes.map(({ revision }) => revision),
  joinDocuments(writes.map(({ doc }) => doc)),
];
