import { postgresAt } from '@rookery/postgres';
import { expect, test } from 'vitest';
import { freshDatabase } from '../support/index.ts';

test('a connection that breaks in a transaction fails its statements, and never the process', async () => {
  await using database = await freshDatabase();
  const pool = postgresAt(database.url).openPool({ max: 2 });
  pool.on('error', () => {});
  try {
    const client = await pool.connect();
    await client.query('begin');
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    const broken = new Promise<void>((resolve) => client.once('end', resolve));
    await pool.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
    // The server says so unasked: without a listener this would be an uncaught error.
    await broken;
    await expect(client.query('commit')).rejects.toThrow();
    client.release(true);
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  } finally {
    await pool.end();
  }
});
