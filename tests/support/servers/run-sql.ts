import pg from 'pg';

/** Runs a statement on a connection of its own. Returns its rows. */
export const runSql = async <R extends pg.QueryResultRow = Record<string, unknown>>(
  url: string,
  text: string,
  values?: unknown[],
): Promise<R[]> => {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    // Without values, it may be several statements.
    return (await client.query<R>(text, values)).rows;
  } finally {
    await client.end();
  }
};
