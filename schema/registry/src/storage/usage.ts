import { sha256, type UsageBatch } from '@rookery/registry-protocol';
import { RegistryError } from '../errors.ts';
import type { Database } from './database.ts';

/** Rows of one environment in one hour: clients choose names and documents, so that both must be bounded. */
const maxRowsPerHour = 20_000;
const keptFor = '90 days';
const maxRowsRead = 20_000;

const insertDocuments = `
  insert into registry.usage_documents (id, document)
  select distinct on (1) * from unnest($1::text[], $2::text[]) on conflict do nothing`;

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

/** Adds up what belongs to one row, since one statement cannot change a row twice. */
const rowsOf = (operations: UsageBatch['operations']): Row[] => {
  const rows = new Map<string, Row>();
  for (const { document, operationName, client, count, errors, durationMs, inputs } of operations) {
    const names = {
      id: sha256(document),
      operation: operationName ?? '',
      client: client.name ?? '',
      version: client.version ?? '',
    };
    const key = JSON.stringify(names);
    const row = rows.get(key) ?? { ...names, count: 0, errors: 0, duration: 0, inputs: [] };
    row.count += count;
    row.errors += errors;
    row.duration += durationMs;
    row.inputs = [...new Set([...row.inputs, ...inputs])];
    rows.set(key, row);
  }
  return [...rows.values()];
};

/** @throws RegistryError RATE_LIMITED if there are too many different operations in this hour */
export const addUsage = (
  database: Database,
  environment: string,
  { operations }: UsageBatch,
): Promise<void> =>
  database.transaction(async (client) => {
    const { rows } = await client.query<{ rows: number }>(
      `select count(*)::int as rows from registry.usage where environment = $1 and hour = date_trunc('hour', now())`,
      [environment],
    );
    if ((rows[0]?.rows ?? 0) + operations.length > maxRowsPerHour)
      throw new RegistryError('RATE_LIMITED', 'Too many different operations were reported in this hour.');
    const documents = operations.map(({ document }) => document);
    await client.query(insertDocuments, [documents.map(sha256), documents]);
    await client.query(addCounts, [environment, JSON.stringify(rowsOf(operations))]);
    await client.query(
      `delete from registry.usage where environment = $1 and hour < now() - interval '${keptFor}'`,
      [environment],
    );
  });

/** Requests of one operation by one version of one client. */
export interface OperationUsage {
  readonly document: string;
  readonly operationName: string | null;
  readonly client: { readonly name: string; readonly version: string | null };
  readonly count: number;
  readonly errors: number;
  readonly durationMs: number;
  readonly lastSeen: string;
  readonly inputs: readonly string[];
}

interface Read {
  readonly document: string;
  readonly operation: string;
  readonly client: string;
  readonly version: string;
  readonly count: number;
  readonly errors: number;
  readonly durationMs: number;
  readonly lastSeen: string;
  readonly inputs: readonly string[];
}

/** Returns the operations that were seen in a window, the busiest first. */
export const readUsage = async (
  database: Database,
  environment: string,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<OperationUsage[]> => {
  const rows = await database.query<Read & Record<string, unknown>>(
    `with part as (
       select * from registry.usage
       where environment = $1 and hour between date_trunc('hour', $2::timestamptz) and $3
     ), held as (
       select document_id, array_agg(distinct input order by input) as inputs
       from part, unnest(part.inputs) as input group by document_id
     )
     select document, operation, client, client_version as version, sum(count)::float8 as count,
            sum(errors)::float8 as errors, sum(duration_ms) as "durationMs",
            to_char(max(last_seen) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "lastSeen",
            coalesce(held.inputs, '{}') as inputs
     from part join registry.usage_documents on id = document_id left join held using (document_id)
     group by document_id, document, operation, client, client_version, held.inputs
     order by sum(count) desc limit ${maxRowsRead}`,
    [environment, from, to],
  );
  return rows.map(({ operation, client, version, ...row }) => ({
    ...row,
    operationName: operation === '' ? null : operation,
    client: { name: client === '' ? '(unknown)' : client, version: version === '' ? null : version },
  }));
};
