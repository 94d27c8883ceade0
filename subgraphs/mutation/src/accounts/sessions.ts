import type { Envelope } from '@rookery/schema/events';
import type { AccountDatabase, Ask } from './database.ts';
import {
  type ActiveSession,
  beginSession,
  findSession,
  type NewSession,
  type Rotation,
  rotateSession,
  type StoredSession,
} from './session-rows.ts';

/** Tokens that are no good any more: of one log-in (`sid`), or all of a user (`sub`) that are not newer. */
type Revocation = ({ readonly sid: string } | { readonly sub: string }) & {
  /** A user's tokens count that were made later. Milliseconds since the epoch. */
  readonly notBefore: number;
  /** From then on no such token counts anyway. Milliseconds since the epoch. */
  readonly expires: number;
};

/** The event by which a moderator suspends an account, or takes it back. */
type Decision = Pick<Envelope, 'time' | 'id'>;

/** A part of the list of revocations, in the order in which they were made; of one user the last one counts. */
interface RevocationPage {
  /** Start of the next page. */
  readonly cursor: string;
  readonly revoked: readonly Revocation[];
  readonly more: boolean;
}

/**
 * The sessions, and the list of those that have ended before their access tokens do, which gateways read. All times are
 * of the database's clock, as those in tokens are: processes whose clocks differ revoke neither too much nor too little.
 */
export interface SessionTable {
  /**
   * Begins a session, and stores its event until it is published.
   * @param passwordHash the hash that the password of the log-in was compared with
   * @returns undefined if the password has changed since, or the account is suspended
   */
  begin(
    userId: string,
    passwordHash: string,
    session: NewSession,
    event: Envelope,
  ): Promise<ActiveSession | undefined>;
  /** Returns undefined if the session has ended or expired. */
  find(sid: string): Promise<StoredSession | undefined>;
  /** Uses up the current refresh token. Returns undefined if it is not current any more. */
  rotate(rotation: Rotation): Promise<ActiveSession | undefined>;
  /** Ends a session whose refresh token was used twice. Returns whether it had not ended before. */
  endReused(sid: string): Promise<boolean>;
  /** @param until end of the access token that asks, in milliseconds since the epoch */
  logOut(sid: string, userId: string, until: number): Promise<void>;
  /** All tokens of a user, for issuers that don't name the log-in. */
  logOutEverywhere(userId: string): Promise<void>;
  /**
   * Replaces the password, ends all sessions and begins one.
   * @param was the hash that is replaced
   * @returns undefined if it was not that hash
   */
  changePassword(
    userId: string,
    was: string,
    hash: string,
    session: NewSession,
  ): Promise<ActiveSession | undefined>;
  /**
   * By id or handle. Ends all sessions, and no new one begins.
   * @param by event of a moderator. It changes nothing if that of another one is newer, as the read models have it
   * @returns the user's id; undefined if nothing changes
   */
  suspend(user: string, by?: Decision): Promise<string | undefined>;
  unsuspend(user: string, by?: Decision): Promise<string | undefined>;
  /** By id or handle. The next access tokens of the user have the scope. @returns the user's id; undefined if there is none */
  grant(user: string, scope: string): Promise<string | undefined>;
  /** Ends all sessions as well, whose access tokens have the scope. */
  withdraw(user: string, scope: string): Promise<string | undefined>;
  /** @param cursor end of the previous page; '0' for all */
  revokedAfter(cursor: string): Promise<RevocationPage>;
}

const pageSize = 1_000;
/** After every token, in milliseconds since the epoch: the year 9999. */
const never = 253_402_300_799_000;
/** Clocks of gateways may be behind by as much. */
const maxClockSkewMs = 600_000;

interface RevocationRow {
  readonly seq: string;
  readonly sid: string | null;
  readonly sub: string | null;
  readonly not_before: string;
  readonly expires: string;
}

/**
 * Deletes sessions. Before the time of their revocation is taken: a refresh that is under way is waited for, and its
 * access token is older than the revocation.
 */
const deleteSessions = (ask: Ask, userId: string) =>
  ask('delete from accounts.sessions where account = $1', [userId]);

const now = async (ask: Ask): Promise<number> => {
  const { rows } = await ask<{ at: Date }>('select clock_timestamp() as at');
  return rows[0]?.at.getTime() ?? Number.NaN;
};

const note = async (
  ask: Ask,
  { sid, sub }: { readonly sid?: string; readonly sub?: string },
  notBefore: number,
  expires: number,
): Promise<void> => {
  await ask('delete from accounts.revocations where expires < $1', [await now(ask)]);
  await ask(
    `insert into accounts.revocations (seq, sid, sub, not_before, expires)
     select greatest(coalesce(max(seq), 0) + 1, (extract(epoch from clock_timestamp()) * 1000000)::bigint), $1, $2, $3, $4
     from accounts.revocations`,
    [sid ?? null, sub ?? null, notBefore, expires],
  );
};

/** Changes columns of an account, named by id or handle. */
const mark = async (
  ask: Ask,
  user: string,
  set: string,
  values: readonly string[] = [],
): Promise<string | undefined> => {
  const { rows } = await ask<{ id: string }>(
    `update accounts.accounts set ${set} where id::text = $1 or handle = $1 returning id`,
    [user.toLowerCase(), ...values],
  );
  return rows[0]?.id;
};

/** Changes whether an account is suspended, unless a newer event has decided it. */
const markSuspension = async (
  ask: Ask,
  user: string,
  set: string,
  by: Decision | undefined,
): Promise<string | undefined> => {
  if (by === undefined) return mark(ask, user, set);
  const { rows } = await ask<{ id: string }>(
    `update accounts.accounts set ${set}, suspension = $2
     where (id::text = $1 or handle = $1) and coalesce(suspension, '') <= $2 returning id`,
    [user.toLowerCase(), `${by.time} ${by.id}`],
  );
  return rows[0]?.id;
};

/** Ends all sessions of an account. Those of a suspended one have ended, and its revocation holds for longer. */
const endAll = async (ask: Ask, sub: string, life: number): Promise<void> => {
  const { rows } = await ask<{ suspended: boolean }>(
    `select suspended_at is not null as suspended from accounts.accounts where id = $1 for no key update`,
    [sub],
  );
  await deleteSessions(ask, sub);
  const at = await now(ask);
  if (!rows[0]?.suspended) await note(ask, { sub }, at, at + life);
};

/** @param ttlSeconds lifetime of a session token */
export const openSessionTable = (
  { query, transaction }: AccountDatabase,
  { ttlSeconds }: { readonly ttlSeconds: number },
): SessionTable => {
  const life = ttlSeconds * 1_000 + maxClockSkewMs;

  return {
    begin: (userId, passwordHash, session, event) =>
      transaction(async (ask) => {
        const { rowCount } = await ask(
          `select 1 from accounts.accounts
           where id = $1 and password_hash = $2 and suspended_at is null for no key update`,
          [userId, passwordHash],
        );
        if (rowCount !== 1) return undefined;
        await ask('insert into accounts.session_events (id, event) values ($1, $2)', [
          event.id,
          JSON.stringify(event),
        ]);
        return beginSession(ask, userId, session);
      }),
    find: (sid) => findSession(query, sid),
    rotate: (rotation) => rotateSession(query, rotation),
    endReused: (sid) =>
      transaction(async (ask) => {
        const { rowCount } = await ask('delete from accounts.sessions where sid = $1', [sid]);
        if (rowCount === 0) return false;
        await note(ask, { sid }, 0, (await now(ask)) + life);
        return true;
      }, 'revocations'),
    logOut: (sid, userId, until) =>
      transaction(async (ask) => {
        await ask('delete from accounts.sessions where sid = $1 and account = $2', [sid, userId]);
        // The session may have been refreshed since: then it has access tokens that are newer than the one that asks.
        await note(ask, { sid }, 0, Math.max(until + maxClockSkewMs, (await now(ask)) + life));
      }, 'revocations'),
    logOutEverywhere: (sub) => transaction((ask) => endAll(ask, sub, life), 'revocations'),
    changePassword: (sub, was, hash, session) =>
      transaction(async (ask) => {
        const { rowCount } = await ask(
          `update accounts.accounts set password_hash = $3
           where id = $1 and password_hash = $2 and suspended_at is null`,
          [sub, was, hash],
        );
        if (rowCount !== 1) return undefined;
        await deleteSessions(ask, sub);
        const at = await now(ask);
        await note(ask, { sub }, at, at + life);
        return { ...(await beginSession(ask, sub, session)), at: at + 1 };
      }, 'revocations'),
    suspend: (user, by) =>
      transaction(async (ask) => {
        const sub = await markSuspension(ask, user, 'suspended_at = coalesce(suspended_at, now())', by);
        if (sub === undefined) return undefined;
        await deleteSessions(ask, sub);
        await note(ask, { sub }, never, never);
        return sub;
      }, 'revocations'),
    unsuspend: (user, by) =>
      transaction(async (ask) => {
        const sub = await markSuspension(ask, user, 'suspended_at = null', by);
        const at = await now(ask);
        if (sub !== undefined) {
          await ask('delete from accounts.revocations where sub = $1', [sub]);
          await note(ask, { sub }, at, at + life);
        }
        return sub;
      }, 'revocations'),
    grant: (user, scope) =>
      transaction((ask) => mark(ask, user, 'scopes = array_append(array_remove(scopes, $2), $2)', [scope])),
    withdraw: (user, scope) =>
      transaction(async (ask) => {
        const sub = await mark(ask, user, 'scopes = array_remove(scopes, $2)', [scope]);
        if (sub !== undefined) await endAll(ask, sub, life);
        return sub;
      }, 'revocations'),
    revokedAfter: async (cursor) => {
      const { rows } = await query<RevocationRow>(
        `select seq, sid, sub, not_before, expires from accounts.revocations
         where seq > $1 order by seq limit ${pageSize}`,
        [cursor],
      );
      return {
        cursor: rows.at(-1)?.seq ?? cursor,
        revoked: rows.map(revocation),
        more: rows.length === pageSize,
      };
    },
  };
};

const revocation = ({ sid, sub, not_before, expires }: RevocationRow): Revocation => ({
  ...(sid === null ? { sub: sub ?? '' } : { sid }),
  notBefore: Number(not_before),
  expires: Number(expires),
});
