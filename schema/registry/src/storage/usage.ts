import type { UsageBatch } from '@rookery/registry-protocol';
import { RegistryError } from '../errors.ts';
import { noteSeenApps } from './app-versions.ts';
import type { Database } from './database.ts';
import { rowsOf, storeDocuments, sumOf } from './usage-rows.ts';
import { addToDay } from './usage-summary.ts';

/** Rows of one environment in one hour: clients choose names and documents, so that both must be bounded. */
const maxRowsPerHour = 20_000;
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

/** @throws RegistryError RATE_LIMITED if there are too many different operations in this hour */
export const addUsage = (
  database: Database,
  environment: string,
  { operations }: UsageBatch,
): Promise<void> =>
  database.transaction(async (client) => {
    const { rows: counted } = await client.query<{ rows: number }>(
      `select count(*)::int as rows from registry.usage where environment = $1 and hour = date_trunc('hour', now())`,
      [environment],
    );
    if ((counted[0]?.rows ?? 0) + operations.length > maxRowsPerHour)
      throw new RegistryError('RATE_LIMITED', 'Too many different operations were reported in this hour.');
    await storeDocuments(client, operations);
    const rows = rowsOf(operations, (same) => ({
      count: sumOf(same, 'count'),
      errors: sumOf(same, 'errors'),
      duration: sumOf(same, 'durationMs'),
    }));
    await client.query(addCounts, [environment, JSON.stringify(rows)]);
    await addToDay(client, environment, rows);
    await noteSeenApps(
      client,
      environment,
      operations.map((operation) => operation.client),
    );
  });
