import type { Documents } from '@rookery/document-store';
import { countId } from '@rookery/read-models';
import { eventually } from './eventually.ts';
import { runSql } from './servers/run-sql.ts';

/** Makes so many likes of a post straight in empty documents, by people who exist nowhere else. */
export const likeMany = async (
  documents: Documents,
  url: string,
  post: string,
  likes: number,
): Promise<void> => {
  await documents.beside(0, 'reactions').prepareBare();
  await runSql(
    url,
    `insert into documents.likes (id, revision, doc)
       select actor || ':' || $1, 1, jsonb_build_object('actor', actor, 'object', $1::text, 'active', true,
         'version', jsonb_build_array('2026-01-01T00:00:00.000Z', actor), 'position', n, 'since', '2026-01-01T00:00:00.000Z')
       from (select n, 'c' || lpad(n::text, 7, '0') || '-0000-4000-8000-000000000000' as actor
             from generate_series(1, $2::int) as n) as likes`,
    [post, likes],
  );
  await runSql(
    url,
    `insert into documents.counts (id, revision, doc) values ($1, 1, jsonb_build_object('n', $2::int))`,
    [countId('likes', post), likes],
  );
  await documents.prepare();
  await runSql(url, 'analyze documents.likes');
};

/** Returns the number of rows that ended sessions have read from these tables. */
export const rowsRead = async (url: string, tables: readonly string[]): Promise<number> => {
  // A session leaves this list after it has reported what it has read.
  await eventually(async () => {
    const sessions = await runSql(
      url,
      `select 1 from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`,
    );
    return sessions.length === 0;
  });
  const [row] = await runSql<{ n: number }>(
    url,
    `select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::float8 as n from pg_stat_user_tables
     where schemaname = 'documents' and relname = any($1)`,
    [tables],
  );
  return row?.n ?? 0;
};
