import { unauthenticated } from '@rookery/graphql-server';
import type { AccountDatabase } from './database.ts';

/** Subscriptions that an account may have. The oldest one makes room for a new one. */
const maxSubscriptions = 20;

export const pushTables = `
  -- Web Push subscriptions. Each ends with its session. pushed_up_to is the position up to which notifications were pushed.
  create table if not exists accounts.push_subscriptions (
    endpoint text primary key,
    account uuid not null,
    sid text not null references accounts.sessions (sid) on delete cascade,
    p256dh text not null,
    auth text not null,
    pushed_up_to bigint not null,
    registered_at timestamptz not null default clock_timestamp()
  );
  create index if not exists push_subscriptions_account on accounts.push_subscriptions (account, registered_at);
  create index if not exists push_subscriptions_sid on accounts.push_subscriptions (sid);
`;

/** Address and keys that a browser gives (Push API, PushSubscription.toJSON). */
interface PushKeys {
  readonly endpoint: string;
  readonly p256dh: string;
  readonly auth: string;
}

export interface PushTable {
  /**
   * Stores a subscription for as long as the session lives. A browser has one: whoever signs in there takes it over.
   * @param head position of the newest event: older ones are not pushed
   * @throws RookeryError UNAUTHENTICATED if the session has ended
   */
  register(account: string, sid: string, keys: PushKeys, head: number): Promise<void>;
  /** Removes a subscription of the account, if it is there. */
  unregister(account: string, endpoint: string): Promise<void>;
}

export const openPushTable = ({
  query,
  transaction,
}: Pick<AccountDatabase, 'query' | 'transaction'>): PushTable => ({
  register: (account, sid, { endpoint, p256dh, auth }, head) =>
    transaction(async (ask) => {
      // The account, so that registrations at the same time do not exceed the limit; the session, so that it cannot end meanwhile.
      await ask('select from accounts.accounts where id = $1 for no key update', [account]);
      const { rowCount } = await ask(
        'select from accounts.sessions where sid = $1 and account = $2 and expires_at > clock_timestamp() for key share',
        [sid, account],
      );
      if (rowCount !== 1) throw unauthenticated();
      await ask(
        `delete from accounts.push_subscriptions where endpoint in (
           select endpoint from accounts.push_subscriptions where account = $1 and endpoint <> $2
           order by registered_at desc offset ${maxSubscriptions - 1})`,
        [account, endpoint],
      );
      await ask(
        `insert into accounts.push_subscriptions as known (endpoint, account, sid, p256dh, auth, pushed_up_to)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (endpoint) do update set account = excluded.account, sid = excluded.sid, p256dh = excluded.p256dh,
           auth = excluded.auth, registered_at = excluded.registered_at,
           pushed_up_to = case when known.account = excluded.account then known.pushed_up_to else excluded.pushed_up_to end`,
        [endpoint, account, sid, p256dh, auth, head],
      );
    }),
  unregister: async (account, endpoint) => {
    await query('delete from accounts.push_subscriptions where account = $1 and endpoint = $2', [
      account,
      endpoint,
    ]);
  },
});
