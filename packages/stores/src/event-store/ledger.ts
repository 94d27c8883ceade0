import type { Logger } from '@rookery/service';
import pg from 'pg';
import { type ChainHead, type Hash, type Link, noHash } from './chain.ts';

/** A row of the event store with all that it says, for those who check or copy it. */
export interface LedgerRow extends Link {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly actor: string;
  /** As it stands in the column: escaped, see schema.ts. */
  readonly key: string | null;
  /** ISO 8601 instant in UTC with milliseconds. */
  readonly occurredAt: string;
  /** Null where it has none. */
  readonly hash: Hash | null;
}

/** The event store's rows as they stand, past everything that the recorder would make of them. */
export interface Ledger {
  /** Rows behind a position, in order; positions may have holes where somebody has made some. */
  rows(after: number, limit: number): Promise<LedgerRow[]>;
  /**
   * Events behind one position and up to another that an actor did, or that are about a subject; in order. No index
   * helps: each row of the stretch is looked at.
   */
  about(id: string, after: number, upTo: number): Promise<LedgerRow[]>;
  /** The sign-ups of these users. */
  signUps(users: readonly string[]): Promise<LedgerRow[]>;
  /** The sign-up with this (folded) handle, where it is in this stretch; each row of it is looked at. */
  signUpOf(handle: string, after: number, upTo: number): Promise<LedgerRow | undefined>;
  /** Where the chain ends; position 0 where there are no events. Undefined where the last row has no hash. */
  head(): Promise<ChainHead | undefined>;
  close(): Promise<void>;
}

interface Row {
  readonly position: string;
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly actor: string;
  readonly key: string | null;
  readonly occurred_at: Date;
  readonly recorded_at: Date;
  readonly text: string;
  readonly hash: Hash | null;
}

const columns =
  'position, id, type, subject, actor, idempotency_key as key, occurred_at, recorded_at, event::text as text, hash';
/** Whoever asks here has time. Milliseconds. */
const patience = { connect: 5_000, answer: 120_000 } as const;
const signedUp = 'rookery.user.signed-up.v%';

const toRow = (row: Row): LedgerRow => ({
  position: Number(row.position),
  id: row.id,
  type: row.type,
  subject: row.subject,
  actor: row.actor,
  key: row.key,
  occurredAt: row.occurred_at.toISOString(),
  recordedAt: row.recorded_at.toISOString(),
  text: row.text,
  hash: row.hash,
});

export const openLedger = (url: string, { log }: { readonly log: Logger }): Ledger => {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: 'rookery ledger',
    max: 2,
    connectionTimeoutMillis: patience.connect,
    statement_timeout: patience.answer,
    query_timeout: patience.answer,
    keepAlive: true,
  });
  pool.on('error', ({ message }) =>
    log.warn({ reason: message }, 'an idle connection to the event store broke'),
  );
  const ask = async (condition: string, values: readonly unknown[]): Promise<LedgerRow[]> =>
    (
      await pool.query<Row>(`select ${columns} from event_store.events where ${condition}`, [...values])
    ).rows.map(toRow);
  return {
    rows: (after, limit) => ask('position > $1 order by position limit $2', [after, limit]),
    about: (id, after, upTo) =>
      ask('(actor = $1 or subject = $1 or id = $1) and position > $2 and position <= $3 order by position', [
        id,
        after,
        upTo,
      ]),
    signUps: (users) => ask(`id = any($1::uuid[]) and type like '${signedUp}'`, [users]),
    async signUpOf(handle, after, upTo) {
      const [row] = await ask(
        // Two steps: Postgres reads the text as JSON only where it is a sign-up's, which holds no NUL.
        `position > $2 and position <= $3 and type like '${signedUp}'
         and case when type like '${signedUp}' then event->'data'->>'handle' = $1 end limit 1`,
        [handle, after, upTo],
      );
      return row;
    },
    async head() {
      const { rows } = await pool.query<{ position: string; hash: Hash | null }>(
        'select position, hash from event_store.events order by position desc limit 1',
      );
      const [row] = rows;
      if (!row) return { position: 0, hash: noHash };
      return row.hash ? { position: Number(row.position), hash: row.hash } : undefined;
    },
    close: () => pool.end(),
  };
};
