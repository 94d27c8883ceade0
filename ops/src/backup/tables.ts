import type pg from 'pg';

/** Rows read at a time. */
const batch = 500;

const selectTables = `
select table_schema || '.' || table_name as name from information_schema.tables
where (table_schema = 'accounts' or (table_schema = 'event_store' and table_name = 'parked')) and table_type = 'BASE TABLE'
order by 1`;

/**
 * What is truth and no event: the accounts with their password hashes, sessions and the like, whatever tables that
 * schema has, and what was set aside.
 */
export const tablesOfTruth = async (client: pg.Client): Promise<string[]> =>
  (await client.query<{ name: string }>(selectTables)).rows.map(({ name }) => name);

const quoted = (table: string): string =>
  table
    .split('.')
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .join('.');

/**
 * The rows of a table as JSON texts. Of accounts only those whose sign-up is among the exported events, or still
 * stands in their outbox: else a restored account would be one without a user, for ever.
 */
export async function* tableRows(client: pg.Client, table: string, upTo: number): AsyncGenerator<unknown> {
  const condition =
    table === 'accounts.accounts'
      ? `where outbox is not null or exists (select 1 from event_store.events e where e.id = one.id and e.position <= ${upTo})`
      : '';
  await client.query('begin read only');
  try {
    await client.query(
      `declare rows no scroll cursor for select row_to_json(one)::text as row from ${quoted(table)} as one ${condition}`,
    );
    for (;;) {
      const { rows } = await client.query<{ row: string }>(`fetch ${batch} from rows`);
      for (const { row } of rows) yield row;
      if (rows.length < batch) return;
    }
  } finally {
    await client.query('rollback');
  }
}

/** Puts rows in that are not there. The table has to be there, as a build of the same age makes it. */
export const insertRows = async (
  client: pg.Client,
  table: string,
  rows: readonly string[],
): Promise<void> => {
  if (rows.length === 0) return;
  const name = quoted(table);
  await client.query(
    `insert into ${name} select (json_populate_record(null::${name}, row::json)).* from unnest($1::text[]) as given(row)
     on conflict do nothing`,
    [rows],
  );
};
