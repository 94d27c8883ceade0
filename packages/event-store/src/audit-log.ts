import { postgresAt } from '@rookery/postgres';
import type { Logger } from '@rookery/runtime';
import { type Envelope, eventKinds, isOf } from '@rookery/schema/events';
import type pg from 'pg';
import { ReadThrough } from './archived.ts';
import { type ArchivedRow, openArchive } from './backup/archive.ts';
import { type ChainHead, type ChainLink, type Hash, noHash } from './chain.ts';
import { escapeText } from './schema.ts';

/** A row of the event store with all columns, for audits and copies. */
export interface AuditRow extends ChainLink {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly actor: string;
  /** Escaped as in the column, see schema.ts. */
  readonly key: string | null;
  /** ISO 8601 instant in UTC with milliseconds. */
  readonly occurredAt: string;
  /** Hash; null if it has none. */
  readonly hash: Hash | null;
}

/** Result of an audit. */
interface AuditResult {
  readonly passed: boolean;
  /** Number of events that are as they were recorded. */
  readonly events: number;
  /** First flaw; null if there is none. */
  readonly flaw: string | null;
}

/** Reads the rows of the event store as they are stored, and keeps the results of audits. */
export interface AuditLog {
  /** Returns rows after a position, in order; positions may have gaps after tampering. */
  rows(after: number, limit: number): Promise<AuditRow[]>;
  /**
   * Returns events between two positions by an actor or about a subject, in order. No index helps: each row
   * of the interval is read.
   */
  about(id: string, after: number, upTo: number): Promise<AuditRow[]>;
  /** The sign-ups of these users. */
  signUps(users: readonly string[]): Promise<AuditRow[]>;
  /** Returns which of these events are recorded up to a position. */
  recorded(ids: readonly string[], upTo: number): Promise<ReadonlySet<string>>;
  /** Returns the last event of this interval that gave somebody this (folded) handle; each row of it is read. */
  handleGiven(handle: string, after: number, upTo: number): Promise<AuditRow | undefined>;
  /** Returns the head of the chain; position 0 if there are no events. Undefined if the last row has no hash. */
  head(): Promise<ChainHead | undefined>;
  /** Stores the result of an audit, for `lastAudit`. */
  addAudit(result: AuditResult): Promise<void>;
  /** Returns the result of the last audit; undefined if there was none. */
  lastAudit(): Promise<(AuditResult & { readonly at: Date }) | undefined>;
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

interface AuditResultRow {
  readonly at: Date;
  readonly passed: boolean;
  readonly events: string;
  readonly flaw: string | null;
}

const columns =
  'position, id, type, subject, actor, idempotency_key as key, occurred_at, recorded_at, event::text as text, hash';
/** Number of archived events that are looked through at a time. */
const archivePage = 10_000;
/** Callers of these reads can wait. */
const timeoutsMs = { connect: 5_000, answer: 120_000 } as const;
const signUp = eventKinds.userSignedUp;
/** Kinds of events that give somebody a handle. */
const givesHandle = [signUp, eventKinds.userHandleChanged];
/** Pattern of the types of a kind, of all its versions, for Postgres. */
const typesOf = ({ name }: { readonly name: string }): string => `${name}.v%`;

const toRow = (row: Row): AuditRow => ({
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

const toAuditRow = (row: ArchivedRow): AuditRow => {
  const { id, type, subject, actor, idempotencykey, time } = JSON.parse(row.text) as Envelope;
  const key = idempotencykey === undefined ? null : escapeText(idempotencykey);
  return { ...row, id, type, subject, actor, key, occurredAt: time };
};

const handleOf = (row: AuditRow): unknown =>
  givesHandle.some((kind) => isOf(row, kind)) &&
  (JSON.parse(row.text) as { readonly data?: { readonly handle?: unknown } }).data?.handle;

export interface AuditLogOptions {
  readonly log: Logger;
  /** Folder of the backup with archived events. Without it, reading them fails. */
  readonly archiveDir?: string | undefined;
}

export const openAuditLog = (url: string, { log: logger, archiveDir }: AuditLogOptions): AuditLog => {
  const pool = postgresAt(url).openPool({
    application_name: 'rookery audit log',
    max: 2,
    connectionTimeoutMillis: timeoutsMs.connect,
    statement_timeout: timeoutsMs.answer,
    query_timeout: timeoutsMs.answer,
    keepAlive: true,
  });
  pool.on('error', ({ message }) =>
    logger.warn({ reason: message }, 'an idle connection to the event store broke'),
  );
  const ask = async (condition: string, values: readonly unknown[]): Promise<AuditRow[]> =>
    (
      await pool.query<Row>(`select ${columns} from event_store.events where ${condition}`, [...values])
    ).rows.map(toRow);
  /** Returns the positions of the events with these ids, in order. */
  const positionsOf = async (ids: readonly string[]): Promise<number[]> => {
    const { rows } = await pool.query<{ position: string }>(
      'select position from event_store.known_ids($1::uuid[])',
      [ids],
    );
    return rows.map(({ position }) => Number(position)).sort((a, b) => a - b);
  };
  const log = new ReadThrough<AuditRow>({
    client: pool,
    archive: archiveDir === undefined ? undefined : openArchive(archiveDir),
    select: ask,
    fromArchive: toAuditRow,
  });
  /** Returns the archived rows in this interval that match. */
  const archived = async (
    after: number,
    upTo: number,
    matches: (row: AuditRow) => boolean,
  ): Promise<AuditRow[]> => {
    const end = Math.min(upTo, await log.archivedUpTo());
    const found: AuditRow[] = [];
    for (let at = after; at < end; at += archivePage)
      found.push(...(await log.archived(at, Math.min(archivePage, end - at))).filter(matches));
    return found;
  };
  return {
    rows: (after, limit) => log.rows(after, limit),
    about: async (id, after, upTo) => [
      ...(await archived(after, upTo, (row) => [row.actor, row.subject, row.id].includes(id))),
      ...(await ask(
        '(actor = $1 or subject = $1 or id = $1) and position > $2 and position <= $3 order by position',
        [id, after, upTo],
      )),
    ],
    async signUps(users) {
      const positions = await positionsOf(users);
      const found = await ask(`position = any($1::bigint[]) and type like '${typesOf(signUp)}'`, [positions]);
      if (positions.length === found.length) return found;
      const end = await log.archivedUpTo();
      for (const position of positions.filter((one) => one <= end))
        found.push(...(await log.archived(position - 1, 1)).filter((row) => isOf(row, signUp)));
      return found;
    },
    async recorded(ids, upTo) {
      const { rows } = await pool.query<{ id: string }>(
        'select id from event_store.known_ids($1::uuid[]) where "position" <= $2',
        [ids, upTo],
      );
      return new Set(rows.map(({ id }) => id));
    },
    async handleGiven(handle, after, upTo) {
      const [row] = await ask(
        // Two steps: Postgres parses the text as JSON only for events that give handles, which contain no NUL.
        `position > $2 and position <= $3 and type like any($4)
         and case when type like any($4) then event->'data'->>'handle' = $1 end
         order by position desc limit 1`,
        [handle, after, upTo, givesHandle.map(typesOf)],
      );
      return row ?? (await archived(after, upTo, (one) => handleOf(one) === handle)).at(-1);
    },
    async head() {
      const { rows } = await pool.query<{ position: string; hash: Hash | null }>(
        'select position, hash from event_store.events order by position desc limit 1',
      );
      const [row] = rows;
      if (!row) return { position: 0, hash: noHash };
      return row.hash ? { position: Number(row.position), hash: row.hash } : undefined;
    },
    ...auditResults(pool),
    close: () => pool.end(),
  };
};

const auditResults = (pool: pg.Pool): Pick<AuditLog, 'addAudit' | 'lastAudit'> => ({
  async addAudit({ passed, events, flaw }) {
    await pool.query('insert into event_store.audits (passed, events, flaw) values ($1, $2, $3)', [
      passed,
      events,
      flaw,
    ]);
  },
  async lastAudit() {
    const { rows } = await pool.query<AuditResultRow>(
      'select at, passed, events, flaw from event_store.audits order by at desc limit 1',
    );
    const [row] = rows;
    return row && { ...row, events: Number(row.events) };
  },
});
