import { sha256, type UsageBatch } from '@rookery/registry-protocol';
import { RegistryError } from '../errors.ts';
import { noteSeenApps } from './app-versions.ts';
import type { Database, Queryable } from './database.ts';
import { addToDay } from './usage-summary.ts';

/** Rows of one environment in one hour: clients choose names and documents, so that both must be bounded. */
const maxRowsPerHour = 20_000;
/** Lock of whoever deletes documents; the number is arbitrary. */
export const documentsLock = 7_201_117;

/** Stores documents that are not known yet. */
export const insertDocuments = `
  insert into registry.usage_documents (id, document)
  select distinct on (1) * from unnest($1::text[], $2::text[]) order by 1 on conflict do nothing`;

const addCounts = `
  insert into registry.usage
    (environment, hour, document_id, operation, client, client_version, count, errors, duration_ms, inputs)
  select $1, date_trunc('hour', now()), id, operation, client, version, count, errors, duration, inputs
  from jsonb_to_recordset($2::jsonb) as part
    (id text, operation text, client text, version text, count bigint, errors bigint, duration float8, inputs text[])
  on conflict (environment, hour, document_id, operation, client, client_version) do update set
    count = usage.count + excluded.count,
    errors = usage.errors + excluded.errors,
    duration_ms = usage.duration_ms + excluded.duration_ms,
    inputs = array(select distinct unnest(usage.inputs || excluded.inputs)),
    last_seen = now()`;

interface Row {
  readonly id: string;
  readonly operation: string;
  readonly client: string;
  readonly version: string;
  count: number;
  errors: number;
  duration: number;
  inputs: string[];
}

/** Returns what tells one row from others; an unknown name is empty. */
export const usageNames = ({
  document,
  operationName,
  client,
}: Pick<UsageBatch['operations'][number], 'document' | 'operationName' | 'client'>) => ({
  id: sha256(document),
  operation: operationName ?? '',
  client: client.name ?? '',
  version: client.version ?? '',
});

/** Adds up what belongs to one row, since one statement cannot change a row twice. */
const rowsOf = (operations: UsageBatch['operations']): Row[] => {
  const rows = new Map<string, Row>();
  for (const { count, errors, durationMs, inputs, ...operation } of operations) {
    const names = usageNames(operation);
    const key = JSON.stringify(names);
    const row = rows.get(key) ?? { ...names, count: 0, errors: 0, duration: 0, inputs: [] };
    row.count += count;
    row.errors += errors;
    row.duration += durationMs;
    row.inputs = [...new Set([...row.inputs, ...inputs])];
    rows.set(key, row);
  }
  // In one order, so that two reports never wait for each other.
  return [...rows.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
};

/** Keeps documents from being pruned between their insertion and their first count. Holds until the transaction ends. */
export const shareDocuments = (client: Queryable) =>
  client.query(`select pg_advisory_xact_lock_shared(${documentsLock})`);

/** @throws RegistryError RATE_LIMITED if there are too many different operations in this hour */
export const addUsage = (
  database: Database,
  environment: string,
  { operations }: UsageBatch,
): Promise<void> =>
  database.transaction(async (client) => {
    await shareDocuments(client);
    const { rows: counted } = await client.query<{ rows: number }>(
      `select count(*)::int as rows from registry.usage where environment = $1 and hour = date_trunc('hour', now())`,
      [environment],
    );
    if ((counted[0]?.rows ?? 0) + operations.length > maxRowsPerHour)
      throw new RegistryError('RATE_LIMITED', 'Too many different operations were reported in this hour.');
    const documents = operations.map(({ document }) => document);
    await client.query(insertDocuments, [documents.map(sha256), documents]);
    const rows = rowsOf(operations);
    await client.query(addCounts, [environment, JSON.stringify(rows)]);
    await addToDay(client, environment, rows);
    await noteSeenApps(
      client,
      environment,
      operations.map((operation) => operation.client),
    );
  });
