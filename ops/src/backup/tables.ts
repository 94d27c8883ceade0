import type pg from 'pg';

/** Number of rows that are read at a time. */
const batch = 500;

const selectTables = `
select table_schema || '.' || table_name as name from information_schema.tables
where table_schema = $1 and ($2::text is null or table_name = $2) and table_type = 'BASE TABLE'
order by 1`;

const tablesOf = async (client: pg.Client, schema: string, table: string | null): Promise<string[]> =>
  (await client.query<{ name: string }>(selectTables, [schema, table])).rows.map(({ name }) => name);

/** Sessions, and what ends with them. */
const ofSessions: ReadonlySet<string> = new Set(['accounts.sessions', 'accounts.push_subscriptions']);

/**
 * Returns the tables of the accounts: password hashes and whatever else the schema contains, without the sessions. A
 * session of a backup would accept refresh tokens that were used up or revoked after the backup.
 */
export const accountTables = async (client: pg.Client): Promise<string[]> =>
  (await tablesOf(client, 'accounts', null)).filter((name) => !ofSessions.has(name));

/** Returns the table of dead letters. */
export const deadLetterTable = (client: pg.Client): Promise<string[]> =>
  tablesOf(client, 'event_store', 'parked');

const quoted = (table: string): string =>
  table
    .split('.')
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .join('.');

/** Returns which of these events were exported. */
export type Recorded = (ids: readonly string[]) => Promise<ReadonlySet<string>>;

/** Ids of the events of an account in its row, and those of a row without any. */
const ofAccount = {
  signUp: 'case when outbox is null then id::text end',
  renamed: `case when outbox is null then renamed->>'id' end`,
};
const ofOthers = { signUp: 'null::text', renamed: 'null::text' };

interface TableRow {
  readonly signUp: string | null;
  readonly renamed: string | null;
  readonly row: string;
}

/** Puts the event of a change of the handle back into the outbox, so that a restored account has the handle of its user. */
const withOutbox = (row: string): string => {
  const account = JSON.parse(row) as { readonly renamed: unknown };
  return JSON.stringify({ ...account, outbox: account.renamed });
};

/** Returns the rows that belong to exported events, each with the event that is missing. */
const restorable = async (rows: readonly TableRow[], recorded: Recorded): Promise<string[]> => {
  const asked = rows.flatMap(({ signUp, renamed }) => [signUp, renamed]).filter((id) => id !== null);
  const there = asked.length > 0 ? await recorded(asked) : new Set();
  return rows.flatMap(({ signUp, renamed, row }) => {
    if (signUp !== null && !there.has(signUp)) return [];
    return renamed === null || there.has(renamed) ? row : withOutbox(row);
  });
};

/**
 * Yields the rows of a table as JSON. Skips accounts whose sign-up was not exported, unless it is still in
 * their outbox: a restored account without it would never have a user.
 */
export async function* tableRows(
  client: pg.Client,
  table: string,
  recorded: Recorded,
): AsyncGenerator<unknown> {
  const own = table === 'accounts.accounts' ? ofAccount : ofOthers;
  await client.query('begin read only');
  try {
    await client.query(
      `declare rows no scroll cursor for
       select ${own.signUp} as "signUp", ${own.renamed} as renamed, row_to_json(one)::text as row from ${quoted(table)} as one`,
    );
    for (;;) {
      const { rows } = await client.query<TableRow>(`fetch ${batch} from rows`);
      yield* await restorable(rows, recorded);
      if (rows.length < batch) return;
    }
  } finally {
    await client.query('rollback');
  }
}

/**
 * Inserts missing rows; others stay as they are. The table must exist, as created by a build of the same version.
 * @returns how many were missing
 */
export const insertRows = async (
  client: pg.Client,
  table: string,
  rows: readonly string[],
): Promise<number> => {
  if (rows.length === 0) return 0;
  const name = quoted(table);
  const { rowCount } = await client.query(
    `insert into ${name} select (json_populate_record(null::${name}, row::json)).* from unnest($1::text[]) as given(row)
     on conflict do nothing`,
    [rows],
  );
  return rowCount ?? 0;
};
