import type { AccountDatabase } from './database.ts';
import { skeleton } from './handles.ts';

/** An account whose sign-up is in the event store. */
export interface RecordedAccount {
  readonly id: string;
  readonly handle: string;
  /** ISO 8601 instant. */
  readonly joinedAt: string;
}

/** Number of accounts in one statement. */
const batch = 200;

const insertAccounts = `
insert into accounts.accounts (id, handle, skeleton, look, password_hash, joined_at)
select id, handle, skeleton, skeleton, $5, joined_at
from unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[]) as made(id, handle, skeleton, joined_at)
on conflict do nothing`;

/**
 * Inserts accounts that all have one password, and no session. Those that exist are left as they are.
 * @throws Error if some of the handles belong to others
 */
export const insertRecordedAccounts = async (
  database: Pick<AccountDatabase, 'query'>,
  accounts: readonly RecordedAccount[],
  passwordHash: string,
): Promise<void> => {
  for (let i = 0; i < accounts.length; i += batch) {
    const some = accounts.slice(i, i + batch);
    const ids = some.map(({ id }) => id);
    const handles = some.map(({ handle }) => handle);
    await database.query(insertAccounts, [
      ids,
      handles,
      handles.map(skeleton),
      some.map(({ joinedAt }) => joinedAt),
      passwordHash,
    ]);
    const { rows } = await database.query<{ n: number }>(
      'select count(*)::int as n from accounts.accounts where id = any($1)',
      [ids],
    );
    if (rows[0]?.n !== some.length)
      throw new Error(`some of the handles from ${handles[0]} on belong to other accounts`);
  }
};
