import type { OpenSubscriptionsPart } from '@rookery/registry-protocol';
import { RegistryError } from '../errors.ts';
import type { Database } from './database.ts';
import { isoTime } from './iso-time.ts';
import { type RowNames, rowsOf, shownNames, storeDocuments, sumOf } from './usage-rows.ts';

/** Rows of one environment: clients choose names and documents, so that they must be bounded. */
const maxRows = 100_000;
/** A gateway that has not reported for this time does not run any more; gateways repeat a report every 30 seconds. */
const reportedFor = '90 seconds';

const upsert = `
  insert into registry.open_subscriptions
    (environment, gateway, document_id, operation, client, client_version, open, inputs, report)
  select $1, $2, id, operation, client, version, open, inputs, $3
  from jsonb_to_recordset($4::jsonb) as part
    (id text, operation text, client text, version text, open int, inputs text[])
  on conflict (environment, document_id, operation, client, client_version, gateway) do update set
    open = excluded.open, inputs = excluded.inputs, report = excluded.report, reported_at = now()`;

/**
 * Stores one part of a gateway's open subscriptions. The last part deletes those that no part of the report named.
 * @throws RegistryError RATE_LIMITED if too much different is open in this environment
 */
export const noteOpenSubscriptions = (
  database: Database,
  environment: string,
  gateway: string,
  { report, last, subscriptions }: OpenSubscriptionsPart,
): Promise<void> =>
  database.transaction(async (client) => {
    if (subscriptions.length > 0) {
      const { rows } = await client.query<{ rows: number }>(
        'select count(*)::int as rows from registry.open_subscriptions where environment = $1',
        [environment],
      );
      if ((rows[0]?.rows ?? 0) + subscriptions.length > maxRows)
        throw new RegistryError(
          'RATE_LIMITED',
          'Too many different subscriptions are open in this environment.',
        );
      await storeDocuments(client, subscriptions);
      const open = rowsOf(subscriptions, (same) => ({ open: sumOf(same, 'open') }));
      await client.query(upsert, [environment, gateway, report, JSON.stringify(open)]);
    }
    if (last)
      await client.query(
        'delete from registry.open_subscriptions where environment = $1 and gateway = $2 and report <> $3',
        [environment, gateway, report],
      );
  });

/** True for rows of gateways that run. */
export const isOpenNow = `environment = $1 and reported_at > now() - interval '${reportedFor}'`;

/** Subscriptions to one operation that one version of a client has open. */
export interface OpenOperation {
  readonly document: string;
  readonly operationName: string | null;
  readonly client: { readonly name: string; readonly version: string | null };
  readonly open: number;
  /** Gateways at which they are open. */
  readonly gateways: number;
  readonly reportedAt: string;
}

type OpenRow = Pick<OpenOperation, 'document' | 'open' | 'gateways' | 'reportedAt'> & RowNames;

/** Returns what is open in an environment, the most first, and the sum of all. */
export const listOpenSubscriptions = async (
  database: Database,
  environment: string,
  limit: number,
): Promise<{ readonly subscriptions: OpenOperation[]; readonly open: number }> => {
  const [rows, [sum]] = await Promise.all([
    database.query<OpenRow>(
      `select document, operation, client, client_version as version,
         sum(open)::int as open, count(*)::int as gateways, ${isoTime('max(reported_at)', 'reportedAt')}
       from registry.open_subscriptions join registry.usage_documents on id = document_id
       where ${isOpenNow} group by id, operation, client, client_version
       order by sum(open) desc, id, operation, client, client_version limit $2`,
      [environment, limit],
    ),
    database.query<{ open: number }>(
      `select coalesce(sum(open), 0)::int as open from registry.open_subscriptions where ${isOpenNow}`,
      [environment],
    ),
  ]);
  return {
    subscriptions: rows.map(({ operation, client, version, ...row }) => ({
      ...row,
      ...shownNames({ operation, client, version }),
    })),
    open: sum?.open ?? 0,
  };
};
