import pg from 'pg';

/** A table that a session of its own holds, so that no statement about it ends. */
export interface LockedTable extends AsyncDisposable {
  /** Number of statements that wait for the table. */
  waiting(): Promise<number>;
  /** Lets them go on. */
  release(): Promise<void>;
}

/**
 * Locks a table of Postgres, until it is released or disposed of.
 * @param mode against all other sessions, or as a transaction that has written to it
 */
export const lockTable = async (
  url: string,
  table: string,
  mode: 'access exclusive' | 'row exclusive' = 'access exclusive',
): Promise<LockedTable> => {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  await client.query(`begin; lock table ${table} in ${mode} mode`);
  let ended: Promise<void> | undefined;
  // The lock ends with the session.
  const release = (): Promise<void> => (ended ??= client.end());
  return {
    async waiting() {
      const { rows } = await client.query<{ n: number }>(
        'select count(*)::int as n from pg_locks where not granted and relation = $1::regclass',
        [table],
      );
      return rows[0]?.n ?? 0;
    },
    release,
    [Symbol.asyncDispose]: release,
  };
};
