import { createLog } from '@rookery/service';
import { collections, type Documents, openDocuments } from '@rookery/stores/documents';
import pg from 'pg';
import type { Recorded } from '../../model/ledger.ts';

export type DocumentMap = ReadonlyMap<string, unknown>;
/** Collection → id → document. */
export type DocumentSet = ReadonlyMap<string, DocumentMap>;

/** What no rebuild must reproduce: how far it is, where an author's items are found, which generation is live. */
const passing: ReadonlySet<string> = new Set(['progress', 'authors', 'generations', 'rebuilds']);
export const lastingCollections = Object.keys(collections).filter((name) => !passing.has(name));

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
  const documents = openDocuments(url, { log: quietLog, ...(namespace ? { namespace } : {}) });
  try {
    return await use(documents);
  } finally {
    await documents.close();
  }
};

export interface Parked {
  readonly by: string;
  readonly id: string;
  readonly tries: number;
  readonly error: string;
}

/** The event store as it lies in Postgres, read by plain SQL. */
export const readStore = async (url: string): Promise<{ events: Recorded[]; parked: Parked[] }> => {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    const events = await client.query<{
      position: string;
      event: {
        id: string;
        type: string;
        subject: string;
        actor: string;
        time: string;
        idempotencykey?: string;
        requestid?: string;
        data: unknown;
      };
    }>('select position, event from event_store.events order by position');
    const parked = await client.query<Parked>('select by, id, tries, error from event_store.parked');
    return {
      events: events.rows.map(({ position, event }) => ({
        position: Number(position),
        id: event.id,
        type: event.type,
        subject: event.subject,
        actor: event.actor,
        time: event.time,
        key: event.idempotencykey ?? null,
        request: event.requestid ?? null,
        data: event.data,
      })),
      parked: parked.rows,
    };
  } finally {
    await client.end();
  }
};
