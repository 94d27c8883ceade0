import type { UserRef } from '../models.ts';
import type { AccountDatabase, Ask } from './database.ts';
import type { StoredHashes } from './refresh-tokens.ts';

/** Lifetimes of a session, in seconds. */
export interface SessionLifetimes {
  /** Time for which it lives without being refreshed. */
  readonly idleSeconds: number;
  /** Time for which it lives however often it is refreshed. */
  readonly totalSeconds: number;
}

/** A session that begins. */
export interface NewSession extends SessionLifetimes, Pick<StoredHashes, 'sharedHash' | 'currentHash'> {
  readonly sid: string;
}

/** A session, as it begins or goes on. All times are of the database's clock. */
export interface ActiveSession {
  /** Start of its new access token, in milliseconds since the epoch. */
  readonly at: number;
  /** ISO 8601 instant at which it ends unless it is refreshed. */
  readonly refreshExpiresAt: string;
}

export interface StoredSession extends ActiveSession, StoredHashes {
  readonly user: UserRef;
}

/** Sessions that one account may have. The least recently used one makes room for a new one. */
const maxSessions = 50;
/** Expired sessions that are deleted when a session begins: more than one, so that none piles up. */
const deletedAtOnce = 10;
/**
 * Seconds in which a client that lost the answer may use a used-up token again. Longer than a client's time-out and
 * retry; short, because a thief may use a stolen token for as long.
 */
const graceSeconds = 30;

export const sessionTables = `
  -- One row for each log-in. It holds hashes and no token (docs/adr/refresh-tokens.md).
  create table if not exists accounts.sessions (
    sid text primary key,
    account uuid not null,
    shared_hash bytea not null,
    current_hash bytea not null,
    previous_hash bytea,
    nonce bytea,
    rotated_at timestamptz not null default clock_timestamp(),
    expires_at timestamptz not null,
    ends_at timestamptz not null
  );
  create index if not exists sessions_account on accounts.sessions (account, rotated_at);
  create index if not exists sessions_expires on accounts.sessions (expires_at);
`;

/** Returns the insert of a session for the account whose id `from` selects. Its parameters begin at number `first`. */
export const insertSession = (from: string, first: number): string => {
  const [sid, shared, current, idle, total] = [0, 1, 2, 3, 4].map((n) => `$${first + n}`);
  return `
    insert into accounts.sessions (sid, account, shared_hash, current_hash, expires_at, ends_at)
    select ${sid}::text, id, ${shared}::bytea, ${current}::bytea,
      clock_timestamp() + least(${idle}::int, ${total}::int) * interval '1 second',
      clock_timestamp() + ${total}::int * interval '1 second'
    from ${from}
    returning clock_timestamp() as at, expires_at`;
};

export const sessionValues = (session: NewSession): unknown[] => [
  session.sid,
  session.sharedHash,
  session.currentHash,
  session.idleSeconds,
  session.totalSeconds,
];

export interface ActiveRow {
  readonly at: Date;
  readonly expires_at: Date;
}

export const activeSession = ({ at, expires_at }: ActiveRow): ActiveSession => ({
  at: at.getTime(),
  refreshExpiresAt: expires_at.toISOString(),
});

/**
 * Begins a session of an account, whose row the caller has locked: else logging in at the same time could exceed the
 * limit.
 */
export const beginSession = async (
  ask: Ask,
  account: string,
  session: NewSession,
): Promise<ActiveSession> => {
  const { rows } = await ask<ActiveRow>(
    `with evicted as (
       delete from accounts.sessions where sid in (
         select sid from accounts.sessions where account = $1
         order by rotated_at desc, sid offset ${maxSessions - 1})
     ), expired as (
       delete from accounts.sessions where sid in (
         select sid from accounts.sessions where expires_at < clock_timestamp()
         order by expires_at limit ${deletedAtOnce} for update skip locked)
     )
     ${insertSession('(select $1::uuid as id) as account', 2)}`,
    [account, ...sessionValues(session)],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('a session was not inserted');
  return activeSession(row);
};

interface StoredRow extends ActiveRow {
  readonly shared_hash: Buffer;
  readonly current_hash: Buffer;
  readonly previous_hash: Buffer | null;
  readonly nonce: Buffer | null;
  readonly in_grace: boolean;
  readonly account: string;
  readonly handle: string;
  readonly joined_at: Date;
  readonly scopes: readonly string[];
}

/** Returns a session that has neither ended nor expired. The lock makes it wait for what is about to end the session. */
export const findSession = async (
  query: AccountDatabase['query'],
  sid: string,
): Promise<StoredSession | undefined> => {
  const { rows } = await query<StoredRow>(
    `select s.shared_hash, s.current_hash, s.previous_hash, s.nonce, s.expires_at, clock_timestamp() as at,
       s.rotated_at > clock_timestamp() - ${graceSeconds} * interval '1 second' as in_grace,
       s.account, a.handle, a.joined_at, a.scopes
     from accounts.sessions s join accounts.accounts a on a.id = s.account
     where s.sid = $1 and s.expires_at > clock_timestamp() and a.suspended_at is null
     for share of s`,
    [sid],
  );
  const [row] = rows;
  return (
    row && {
      ...activeSession(row),
      sharedHash: row.shared_hash,
      currentHash: row.current_hash,
      previousHash: row.previous_hash,
      nonce: row.nonce,
      isInGrace: row.in_grace,
      user: {
        ...{ id: row.account, handle: row.handle, joinedAt: row.joined_at.toISOString() },
        scopes: row.scopes,
      },
    }
  );
};

export interface Rotation {
  readonly sid: string;
  /** Hash of the token that is used up. */
  readonly from: Buffer;
  /** Hash of the token that follows it. */
  readonly to: Buffer;
  readonly nonce: Buffer;
  readonly idleSeconds: number;
}

/** Replaces the current token. Returns undefined if it is not current any more: another replica was faster. */
export const rotateSession = async (
  query: AccountDatabase['query'],
  { sid, from, to, nonce, idleSeconds }: Rotation,
): Promise<ActiveSession | undefined> => {
  const { rows } = await query<ActiveRow>(
    `update accounts.sessions
     set previous_hash = current_hash, current_hash = $3, nonce = $4, rotated_at = clock_timestamp(),
       expires_at = least(ends_at, clock_timestamp() + $5::int * interval '1 second')
     where sid = $1 and current_hash = $2 and expires_at > clock_timestamp()
     returning clock_timestamp() as at, expires_at`,
    [sid, from, to, nonce, idleSeconds],
  );
  return rows[0] && activeSession(rows[0]);
};
