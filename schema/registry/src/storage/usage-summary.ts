import type { Database } from './database.ts';
import type { UsageWindow } from './read-usage.ts';

/** Requests of one version of one client. */
export interface ClientRequests {
  readonly name: string;
  readonly version: string | null;
  readonly count: number;
  readonly errors: number;
  readonly lastSeen: string;
}

const inWindow = `environment = $1 and hour between date_trunc('hour', $2::timestamptz) and $3`;

/** Returns the busiest clients of a window. */
export const busiestClients = (
  database: Database,
  environment: string,
  { from, to }: UsageWindow,
  limit: number,
): Promise<ClientRequests[]> =>
  database.query<ClientRequests & Record<string, unknown>>(
    `select coalesce(nullif(client, ''), '(unknown)') as name, nullif(client_version, '') as version,
       sum(count)::float8 as count, sum(errors)::float8 as errors,
       to_char(max(last_seen) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "lastSeen"
     from registry.usage where ${inWindow}
     group by client, client_version order by sum(count) desc, client, client_version limit $4`,
    [environment, from, to, limit],
  );

/** Requests of one day. */
export interface DayRequests {
  readonly day: string;
  readonly count: number;
  readonly errors: number;
}

/** Returns the requests of each day of a window on which there were any. */
export const requestsByDay = (
  database: Database,
  environment: string,
  { from, to }: UsageWindow,
): Promise<DayRequests[]> =>
  database.query<DayRequests & Record<string, unknown>>(
    `select to_char(date_trunc('day', hour at time zone 'UTC'), 'YYYY-MM-DD') as day, sum(count)::float8 as count,
       sum(errors)::float8 as errors
     from registry.usage where ${inWindow} group by 1 order by 1`,
    [environment, from, to],
  );

/** Returns the environments that anything was delivered to, or published for. */
export const listEnvironments = async (database: Database): Promise<string[]> => {
  const rows = await database.query<{ environment: string }>(
    `select environment from registry.launches where launch = 1
     union select distinct environment from registry.app_versions
     union select distinct environment from registry.checks order by environment`,
  );
  return rows.map(({ environment }) => environment);
};
