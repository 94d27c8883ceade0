import { createHash } from 'node:crypto';
import { type Documents, openDocuments } from '@rookery/document-store';
import { collections } from '@rookery/read-models';
import { createLog } from '@rookery/runtime';
import pg from 'pg';
import type { Recorded } from '../../support/model/reference-model.ts';
import { runSql } from '../../support/servers/run-sql.ts';

export type DocumentMap = ReadonlyMap<string, unknown>;
/** Collection → id → document. */
export type DocumentSet = ReadonlyMap<string, DocumentMap>;

/** Documents that a rebuild need not reproduce: checkpoints, marks of authors with their broadcasts, and generations. */
const passing: ReadonlySet<string> = new Set([
  'progress',
  'authors',
  'broadcasts',
  'generations',
  'rebuilds',
  'recounts',
]);
const lastingCollections = Object.keys(collections).filter((name) => !passing.has(name));

export const quietLog = createLog('faults', 'silent');

/** Everything that a set of documents holds. */
export const readDocuments = async (documents: Documents): Promise<DocumentSet> => {
  const all = new Map<string, DocumentMap>();
  for (const name of lastingCollections) {
    const docs = new Map<string, unknown>();
    for await (const batch of documents.collection<unknown>(name).scan(1_000))
      for (const { id, doc } of batch) docs.set(id, doc);
    all.set(name, docs);
  }
  return all;
};

export const withDocuments = async <T>(
  url: string,
  use: (documents: Documents) => Promise<T>,
  namespace?: string,
): Promise<T> => {
  const documents = await openDocuments(url, { log: quietLog, ...(namespace ? { namespace } : {}) });
  try {
    return await use(documents);
  } finally {
    await documents.close();
  }
};

export interface DeadLetterRow {
  readonly by: string;
  readonly id: string;
  readonly tries: number;
  readonly error: string;
}

export interface StoreState {
  readonly events: readonly Recorded[];
  /** Each row's position, id and hash, for comparing two stores. */
  readonly rows: readonly string[];
  /** Positions whose hash is not made of the one before and of what the row holds. */
  readonly unchained: readonly number[];
  readonly deadLetters: readonly DeadLetterRow[];
}

interface Row {
  readonly position: string;
  readonly at: Date;
  readonly text: string;
  readonly hash: Buffer | null;
}

/** Returns the checkpoint of each projection. */
export const readProgress = (url: string, projections: readonly string[]): Promise<Map<string, number>> =>
  withDocuments(url, async (documents) => {
    const found = await documents.collection<{ position: number }>('progress').getMany(projections);
    return new Map(projections.map((name) => [name, found.get(name)?.doc.position ?? 0]));
  });

/** Sign-ups that are made and not yet published: they become events by themselves. */
export const readOutbox = async (url: string): Promise<number> => {
  const [row] = await runSql<{ n: number }>(
    url,
    'select count(*)::int as n from accounts.accounts where outbox is not null',
  );
  return row?.n ?? 0;
};

/** The event store as it lies in Postgres, read by plain SQL. */
export const readStore = async (url: string): Promise<StoreState> => {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    const { rows } = await client.query<Row>(
      'select position, recorded_at as at, event::text as text, hash from event_store.events order by position',
    );
    const deadLetters = await client.query<DeadLetterRow>(
      'select by, id, tries, error from event_store.parked',
    );
    let before: Buffer = Buffer.alloc(32);
    const unchained = rows.flatMap(({ position, at, text, hash }) => {
      const link = createHash('sha256')
        .update(before)
        .update(`${position}\n${at.toISOString()}\n`)
        .update(text);
      before = hash ?? Buffer.alloc(32);
      return link.digest().equals(before) ? [] : [Number(position)];
    });
    const events = rows.map(toRecorded);
    return {
      events,
      rows: rows.map(({ position, hash }, i) => `${position} ${events[i]?.id} ${hash?.toString('hex')}`),
      unchained,
      deadLetters: deadLetters.rows,
    };
  } finally {
    await client.end();
  }
};

const toRecorded = ({ position, text }: Row): Recorded => {
  const { idempotencykey, requestid, id, type, subject, actor, time, data } = JSON.parse(text) as Omit<
    Recorded,
    'position' | 'key' | 'request'
  > & { readonly idempotencykey?: string; readonly requestid?: string };
  const [key, request] = [idempotencykey ?? null, requestid ?? null];
  return { position: Number(position), id, type, subject, actor, time, key, request, data };
};
