import { type Envelope, readEnvelope } from '@rookery/schema/events';
import type { AccountDatabase } from './database.ts';
import { isTakenFor } from './handle-table.ts';
import {
  type ActiveRow,
  type ActiveSession,
  activeSession,
  insertSession,
  type NewSession,
  sessionValues,
} from './session-rows.ts';

interface Account {
  readonly id: string;
  readonly handle: string;
  /** ISO 8601 instant. */
  readonly joinedAt: string;
  /** PHC string. */
  readonly passwordHash: string;
}

/** Columns that a log-in reads. */
interface FoundAccount extends Account {
  readonly suspended: boolean;
  readonly scopes: readonly string[];
}

interface NewAccount extends Account {
  readonly skeleton: string;
  /** The sign-up event, which stays in the outbox until `published`. */
  readonly event: Envelope;
}

/**
 * The accounts, in Postgres.
 * Every method throws RookeryError SERVICE_UNAVAILABLE if Postgres does not answer. An insert may have been
 * committed even so; then the sweep of the outboxes completes the sign-up, and the user can log in.
 */
export interface AccountTable {
  /** Resolves once the tables exist, however long it takes to make them. */
  prepare(): Promise<void>;
  /** Resolves if the accounts answer. */
  ping(): Promise<void>;
  /**
   * Inserts the handle, the account, the event and the first session in one statement.
   * @returns undefined if the handle, or one that looks like it, is taken
   */
  insert(account: NewAccount, session: NewSession): Promise<ActiveSession | undefined>;
  byHandle(handle: string): Promise<FoundAccount | undefined>;
  byId(id: string): Promise<FoundAccount | undefined>;
  /** Returns whether an account has a handle that looks like the text, or such a handle is reserved. */
  isTaken(claim: { skeletons: readonly string[] }): Promise<boolean>;
  /** Takes an event out of the outbox of its account, if it is still there, or out of the events of sessions. */
  published(event: Envelope): Promise<void>;
  /** Events that have stood in an outbox for longer than this many milliseconds, the oldest first. */
  unpublished(olderThanMs: number, limit: number): Promise<Envelope[]>;
  /** Resolves once a promotion of the synchronous standby loses nothing that was read before. */
  replicated(): Promise<void>;
  close(): Promise<void>;
}

interface Row {
  readonly id: string;
  readonly handle: string;
  readonly password_hash: string;
  readonly joined_at: Date;
  readonly suspended: boolean;
  readonly scopes: readonly string[];
}

export const openAccountTable = ({ prepare, query, replicated, close }: AccountDatabase): AccountTable => {
  /** The lock makes it wait for a change of the password that is under way. */
  const find = async (column: 'id' | 'handle', value: string): Promise<FoundAccount | undefined> => {
    const { rows } = await query<Row>(
      `select id, handle, password_hash, joined_at, scopes, suspended_at is not null as suspended
       from accounts.accounts where ${column} = $1 for share`,
      [value],
    );
    const [row] = rows;
    return (
      row && {
        id: row.id,
        handle: row.handle,
        joinedAt: row.joined_at.toISOString(),
        passwordHash: row.password_hash,
        suspended: row.suspended,
        scopes: row.scopes,
      }
    );
  };

  return {
    prepare,
    ping: async () => {
      await query('select 1');
    },
    insert: async ({ id, handle, skeleton, passwordHash, joinedAt, event }, session) => {
      const { rows } = await query<ActiveRow>(
        `with account as (
           insert into accounts.accounts (id, handle, skeleton, look, password_hash, joined_at, outbox)
           select $1::uuid, $2, $3, $3, $4, $5::timestamptz, $6::json
           where not exists (select from accounts.accounts where skeleton = $3) and not exists (
             select from accounts.reserved_handles where skeleton = $3 and reserved_until > now())
           on conflict do nothing returning id
         )
         ${insertSession('account', 7)}`,
        [id, handle, skeleton, passwordHash, joinedAt, JSON.stringify(event), ...sessionValues(session)],
      );
      return rows[0] && activeSession(rows[0]);
    },
    byHandle: (handle) => find('handle', handle),
    byId: (id) => find('id', id),
    isTaken: async ({ skeletons }) => {
      const { rows } = await query<{ taken: boolean }>(isTakenFor, [skeletons, null]);
      return rows[0]?.taken === true;
    },
    published: async ({ id, actor }) => {
      await query(
        `with sent as (delete from accounts.session_events where id = $2::uuid)
         update accounts.accounts set outbox = null where id = $1 and outbox->>'id' = $2::text`,
        [actor, id],
      );
    },
    unpublished: async (olderThanMs, limit) => {
      const { rows } = await query<{ event: unknown }>(
        `(select outbox as event, written_at from accounts.accounts
          where outbox is not null and written_at < now() - $1 * interval '1 millisecond'
          order by written_at limit $2)
         union all
         (select event, written_at from accounts.session_events
          where written_at < now() - $1 * interval '1 millisecond' order by written_at limit $2)
         order by written_at limit $2`,
        [olderThanMs, limit],
      );
      return rows.map(({ event }) => readEnvelope(event));
    },
    replicated,
    close,
  };
};
