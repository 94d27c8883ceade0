import { rateLimited, unauthenticated, unavailable } from '@rookery/graphql-server';
import { type Envelope, readEnvelope } from '@rookery/schema/events';
import { demandFree, handleTaken } from '../commands/account.ts';
import { type AccountDatabase, type Ask, UniqueViolationError } from './database.ts';
import { type HandleClaim, skeleton } from './handles.ts';

/**
 * Tells whether one of the skeletons ($1) belongs to an account, or is reserved for one, other than an account ($2, may be
 * null).
 */
export const isTakenFor = `
select exists (select from accounts.accounts where skeleton = any($1) and id is distinct from $2::uuid)
  or exists (
    select from accounts.reserved_handles
    where skeleton = any($1) and account is distinct from $2::uuid and reserved_until > now()
  ) as taken`;

/** Handles that are reserved for one account at the same time: the number of times that it can change its handle in that time. */
const maxReserved = 3;
/** Ended reservations that are deleted with each change: more than one, so that none piles up. */
const deletedAtOnce = 10;

/** An account as a change of its handle finds it. */
interface AccountRow {
  readonly handle: string;
  readonly joined_at: Date;
  readonly pending: boolean;
  readonly renamed: unknown;
}

/** An account with its handle, and the last event that gave it one. */
interface Renamed {
  /** The account whose sign-up gave it, or the event of the last change. */
  readonly last: 'sign-up' | Envelope;
  /** ISO 8601 instant. */
  readonly joinedAt: string;
}

/** The handles of the accounts, in Postgres. */
export interface HandleTable {
  /**
   * Gives an account another handle, stores its event in the outbox, and reserves the handle before. An account that has the handle
   * stays as it is.
   * @param writeEvent makes the event, later than a time in milliseconds since the epoch
   * @throws RookeryError CONFLICT if the handle, or one that looks like it, is taken or reserved; BAD_USER_INPUT if it is invalid;
   *   RATE_LIMITED after too many changes; SERVICE_UNAVAILABLE if the event of the change before is not published yet
   */
  change(
    account: string,
    claim: HandleClaim,
    writeEvent: (handle: string, notBefore: number) => Envelope,
  ): Promise<Renamed>;
}

const findAccount = async (ask: Ask, account: string): Promise<AccountRow> => {
  const { rows } = await ask<AccountRow>(
    `select handle, joined_at, outbox is not null as pending, renamed
     from accounts.accounts where id = $1 and suspended_at is null for update`,
    [account],
  );
  if (rows[0] === undefined) throw unauthenticated();
  return rows[0];
};

/** @throws RookeryError RATE_LIMITED if too many handles would be reserved */
const demandRoom = async (ask: Ask, account: string, handle: string): Promise<void> => {
  const { rows } = await ask<{ seconds: number }>(
    `select ceil(extract(epoch from reserved_until - now()))::int as seconds from accounts.reserved_handles
     where account = $1 and handle <> $2 and reserved_until > now() order by reserved_until limit ${maxReserved}`,
    [account, handle],
  );
  const [first] = rows;
  if (first && rows.length === maxReserved) throw rateLimited(first.seconds);
};

/** Reserves the handle that an account gives up, and ends the reservation of the one that it takes back. */
const reserve = async (
  ask: Ask,
  account: string,
  { before, after }: { readonly before: string; readonly after: string },
  seconds: number,
): Promise<void> => {
  await ask(
    `delete from accounts.reserved_handles where handle = $1 or handle in (
       select handle from accounts.reserved_handles where reserved_until < now()
       order by reserved_until limit ${deletedAtOnce} for update skip locked)`,
    [after],
  );
  await ask(
    `insert into accounts.reserved_handles (handle, skeleton, account, reserved_until)
     values ($1, $2, $3, now() + $4 * interval '1 second')
     on conflict (handle) do update
     set skeleton = excluded.skeleton, account = excluded.account, reserved_until = excluded.reserved_until`,
    [before, skeleton(before), account, seconds],
  );
};

/** @param reservedSeconds time for which a handle stays reserved that somebody has given up */
export const openHandleTable = (
  { transaction }: Pick<AccountDatabase, 'transaction'>,
  { reservedSeconds }: { readonly reservedSeconds: number },
): HandleTable => {
  const changeIn = async (
    ask: Ask,
    account: string,
    claim: HandleClaim,
    writeEvent: (handle: string, notBefore: number) => Envelope,
  ): Promise<Renamed> => {
    const found = await findAccount(ask, account);
    const joinedAt = found.joined_at.toISOString();
    const last = found.renamed === null ? 'sign-up' : readEnvelope(found.renamed);
    if (claim.handle === found.handle) return { last, joinedAt };
    const { rows } = await ask<{ taken: boolean }>(isTakenFor, [claim.skeletons, account]);
    const handle = demandFree(claim, rows[0]?.taken === true);
    if (found.pending) throw unavailable();
    await demandRoom(ask, account, handle);
    await reserve(ask, account, { before: found.handle, after: handle }, reservedSeconds);
    const event = writeEvent(handle, last === 'sign-up' ? 0 : Date.parse(last.time));
    await ask(
      `update accounts.accounts
       set handle = $2, skeleton = $3, look = $3, outbox = $4::json, renamed = $4::json, written_at = now()
       where id = $1`,
      [account, handle, skeleton(handle), JSON.stringify(event)],
    );
    return { last: event, joinedAt };
  };

  return {
    change: async (account, claim, writeEvent) => {
      try {
        return await transaction((ask) => changeIn(ask, account, claim, writeEvent));
      } catch (error) {
        if (error instanceof UniqueViolationError) throw handleTaken();
        throw error;
      }
    },
  };
};
