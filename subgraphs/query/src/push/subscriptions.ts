import { postgresAt } from '@rookery/postgres';
import type { Logger } from '@rookery/runtime';

/** A browser to which notifications of one user are pushed. */
export interface PushSubscription {
  readonly endpoint: string;
  readonly user: string;
  readonly keys: { readonly p256dh: string; readonly auth: string };
  /** Position up to which notifications were pushed. */
  readonly pushedUpTo: number;
}

/** The push subscriptions that the mutation subgraph stores with the accounts. */
export interface PushSubscriptions extends AsyncDisposable {
  /** Returns those of users whose sessions live: at most 20 of each. */
  of(users: readonly string[]): Promise<PushSubscription[]>;
  /**
   * Notes that notifications up to a position are about to be pushed. Only one process succeeds, before it sends: a message that is lost
   * by a kill is not sent again, and none is sent twice.
   */
  claim(subscription: PushSubscription, upTo: number): Promise<boolean>;
  remove(endpoint: string): Promise<void>;
}

interface Row {
  readonly endpoint: string;
  readonly account: string;
  readonly p256dh: string;
  readonly auth: string;
  readonly pushed_up_to: string;
}

/** Nobody waits for these statements, and a claim whose answer is lost is a message that is lost. */
const timeoutMs = 10_000;
/** SQLSTATE undefined_table: no mutation subgraph of this version has started yet. */
const undefinedTable = '42P01';

export const openPushSubscriptions = (url: string, log: Logger): PushSubscriptions => {
  const pool = postgresAt(url).openPool({
    ...{ application_name: 'rookery push', max: 4, keepAlive: true },
    ...{ connectionTimeoutMillis: timeoutMs, query_timeout: timeoutMs, statement_timeout: timeoutMs },
  });
  pool.on('error', ({ message }) =>
    log.warn({ reason: message }, 'an idle connection to the accounts broke'),
  );
  return {
    async of(users) {
      const asked = pool.query<Row>(
        `select p.endpoint, p.account, p.p256dh, p.auth, p.pushed_up_to
         from accounts.push_subscriptions p join accounts.sessions s on s.sid = p.sid
         where p.account = any($1::uuid[]) and s.expires_at > clock_timestamp()`,
        [users],
      );
      const { rows } = await asked.catch((error: { readonly code?: string }) => {
        if (error.code === undefinedTable) return { rows: [] };
        throw error;
      });
      return rows.map(({ endpoint, account, p256dh, auth, pushed_up_to }) => ({
        ...{ endpoint, user: account, keys: { p256dh, auth }, pushedUpTo: Number(pushed_up_to) },
      }));
    },
    async claim({ endpoint, user, pushedUpTo }, upTo) {
      const { rowCount } = await pool.query(
        `update accounts.push_subscriptions set pushed_up_to = $4
         where endpoint = $1 and account = $2 and pushed_up_to = $3 and $3 < $4`,
        [endpoint, user, pushedUpTo, upTo],
      );
      return rowCount === 1;
    },
    async remove(endpoint) {
      await pool.query('delete from accounts.push_subscriptions where endpoint = $1', [endpoint]);
    },
    [Symbol.asyncDispose]: () => pool.end(),
  };
};
