import {
  type AuditLog,
  type AuditRow,
  type ChainHead,
  chain,
  escapeText,
  type Hash,
  noHash,
} from '@rookery/event-store';
import type { PublishedHead } from './heads.ts';

/** First position at which the log differs from what was recorded. */
interface Flaw {
  readonly position: number;
  readonly kind: 'edited' | 'deleted' | 'inserted' | 'reordered' | 'rewritten' | 'cut off' | 'no hash';
  readonly detail: string;
}

export interface Audited {
  /** Number of verified rows. */
  readonly events: number;
  readonly head: ChainHead;
  /** Number of published heads that were compared. */
  readonly heads: number;
  readonly flaw: Flaw | undefined;
}

export interface AuditOptions {
  readonly auditLog: Pick<AuditLog, 'rows'>;
  /** In any order. */
  readonly heads: readonly PublishedHead[];
  readonly signal?: AbortSignal;
  readonly onProgress?: (position: number) => void;
}

/** Number of rows that are read at a time; a moved row is found within this distance. */
const page = 1_000;

/**
 * Reads the whole log once, in bounded memory, and verifies that positions are contiguous, that each hash
 * follows from the previous one, that columns match their event, and that every published head is in the
 * chain.
 */
export const audit = async ({ auditLog, heads, signal, onProgress }: AuditOptions): Promise<Audited> => {
  const published = Map.groupBy(heads, ({ position }) => position);
  let head: ChainHead = { position: 0, hash: noHash };
  const outcome = (flaw?: Flaw): Audited => ({ events: head.position, head, heads: heads.length, flaw });

  let rows = await auditLog.rows(0, page);
  for (let next: AuditRow[]; rows.length > 0; rows = next) {
    signal?.throwIfAborted();
    next = await auditLog.rows(rows.at(-1)?.position ?? 0, page);
    for (const [i, row] of rows.entries()) {
      const flaw = flawOf(head, row, [...rows.slice(i + 1), ...next]);
      if (flaw) return outcome(flaw);
      head = { position: row.position, hash: row.hash ?? noHash };
      const other = published.get(row.position)?.find(({ hash }) => hash !== row.hash?.toString('hex'));
      if (other) {
        return outcome({
          position: row.position,
          kind: 'rewritten',
          detail: `the chain is whole, but its head was published as ${other.hash} at ${other.at}: everything up to here, or part of it, was rewritten`,
        });
      }
    }
    onProgress?.(head.position);
  }
  const beyond = heads.reduce((most, { position }) => Math.max(most, position), 0);
  if (beyond > head.position) {
    return outcome({
      position: head.position + 1,
      kind: 'cut off',
      detail: `the log ends at ${head.position}, but a head was published at ${beyond}`,
    });
  }
  return outcome();
};

const flawOf = (head: ChainHead, row: AuditRow, later: readonly AuditRow[]): Flaw | undefined => {
  const position = head.position + 1;
  const flaw = (kind: Flaw['kind'], detail: string): Flaw => ({ position, kind, detail });
  if (row.position !== position) {
    return flaw('deleted', `positions ${position} to ${row.position - 1} are not there`);
  }
  if (!row.hash)
    return flaw('no hash', 'the row has no hash; rows of before get theirs when a writer begins');
  if (!chain(head.hash, row).equals(row.hash)) return explain(head.hash, row, later);
  const column = wrongColumn(row);
  if (column !== undefined) return flaw('edited', `the column ${column} is not what the event says`);
  return undefined;
};

/** Returns the most likely cause if the hash of a row does not follow from the previous one. */
const explain = (before: Hash, row: AuditRow, later: readonly AuditRow[]): Flaw => {
  const { position } = row;
  const hashes = new Set([row, ...later].map(({ hash }) => hash?.toString('hex')));
  const belongsHere = (other: AuditRow) => hashes.has(chain(before, { ...other, position }).toString('hex'));
  const rightful = later.find(belongsHere);
  if (!rightful) {
    const made = chain(before, row);
    const [next] = later;
    const onlyHash = next?.hash && chain(made, next).equals(next.hash);
    return {
      position,
      kind: 'edited',
      detail: onlyHash
        ? 'the hash was changed; the event is what was recorded'
        : `event ${row.id} is not what was recorded`,
    };
  }
  // If all later rows have moved up by one, a row was inserted; otherwise two rows were exchanged.
  const next = position + 1;
  const rightHash = chain(before, { ...rightful, position });
  const neighbours = [row, rightful].some(({ hash }) =>
    hash?.equals(chain(rightHash, { ...row, position: next })),
  );
  return rightful.position === next && !neighbours
    ? { position, kind: 'inserted', detail: `event ${row.id} was put in` }
    : {
        position,
        kind: 'reordered',
        detail: `event ${row.id} is here instead of event ${rightful.id}, which is at ${rightful.position}`,
      };
};

const wrongColumn = (row: AuditRow): string | undefined => {
  const event = JSON.parse(row.text) as Readonly<Record<string, unknown>>;
  const key = event.idempotencykey;
  const wanted: Readonly<Record<string, unknown>> = {
    id: event.id,
    type: event.type,
    subject: event.subject,
    actor: event.actor,
    idempotency_key: typeof key === 'string' ? escapeText(key) : null,
    occurred_at: event.time,
  };
  const found: Readonly<Record<string, unknown>> = {
    id: row.id,
    type: row.type,
    subject: row.subject,
    actor: row.actor,
    idempotency_key: row.key,
    occurred_at: row.occurredAt,
  };
  return Object.keys(wanted).find((name) => wanted[name] !== found[name]);
};
