import type pg from 'pg';

/** Rows read at a time. */
const batch = 500;

const selectTables = `
select table_schema || '.' || table_name as name from information_schema.tables
where table_schema = $1 and ($2::text is null or table_name = $2) and table_type = 'BASE TABLE'
order by 1`;

const tablesOf = async (client: pg.Client, schema: string, table: string | null): Promise<string[]> =>
  (await client.query<{ name: string }>(selectTables, [schema, table])).rows.map(({ name }) => name);

/** The accounts with their password hashes, sessions and the like: whatever tables that schema has. */
export const accountTables = (client: pg.Client): Promise<string[]> => tablesOf(client, 'accounts', null);

/** What was set aside. */
export const parkedTable = (client: pg.Client): Promise<string[]> =>
  tablesOf(client, 'event_store', 'parked');

const quoted = (table: string): string =>
  table
    .split('.')
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .join('.');

/** Which of these events are among the exported ones. */
export type Recorded = (ids: readonly string[]) => Promise<ReadonlySet<string>>;

/**
 * The rows of a table as JSON texts. Of accounts only those whose sign-up is among the exported events, or still
 * stands in their outbox: else a restored account would be one without a user, for ever.
 */
export async function* tableRows(
  client: pg.Client,
  table: string,
  recorded: Recorded,
): AsyncGenerator<unknown> {
  const own = table === 'accounts.accounts' ? 'case when outbox is null then id::text end' : 'null::text';
  await client.query('begin read only');
  try {
    await client.query(
      `declare rows no scroll cursor for select ${own} as "signUp", row_to_json(one)::text as row from ${quoted(table)} as one`,
    );
    for (;;) {
      const { rows } = await client.query<{ signUp: string | null; row: string }>(`fetch ${batch} from rows`);
      const asked = rows.flatMap(({ signUp }) => (signUp === null ? [] : [signUp]));
      const there = asked.length > 0 ? await recorded(asked) : new Set();
      for (const { signUp, row } of rows) if (signUp === null || there.has(signUp)) yield row;
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
