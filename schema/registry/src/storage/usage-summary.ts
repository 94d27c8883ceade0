import type { Database, Queryable } from './database.ts';
import { isoTime } from './iso-time.ts';
import type { UsageWindow } from './read-usage.ts';

/** Requests of one version of one client; empty names are unknown. */
export interface ClientSum {
  readonly client: string;
  readonly version: string;
  readonly count: number;
  readonly errors: number;
}

/** Adds what was reported to the sums of the day. */
export const addToDay = async (
  client: Queryable,
  environment: string,
  rows: readonly ClientSum[],
): Promise<void> => {
  // In one order, so that two reports never wait for each other.
  await client.query(
    `insert into registry.usage_days (environment, day, client, client_version, count, errors)
     select $1, (now() at time zone 'UTC')::date, client, version, sum(count), sum(errors)
     from jsonb_to_recordset($2::jsonb) as part (client text, version text, count bigint, errors bigint)
     group by client, version order by client, version
     on conflict (environment, day, client, client_version) do update set
       count = usage_days.count + excluded.count, errors = usage_days.errors + excluded.errors, last_seen = now()`,
    [environment, JSON.stringify(rows)],
  );
};

/** Requests of one version of one client in a window. */
export interface ClientRequests {
  readonly name: string;
  readonly version: string | null;
  readonly count: number;
  readonly errors: number;
  readonly lastSeen: string;
}

const inWindow = `environment = $1 and day between ($2::timestamptz at time zone 'UTC')::date
  and ($3::timestamptz at time zone 'UTC')::date`;

/** Returns the busiest clients of the days of a window. */
export const busiestClients = (
  database: Database,
  environment: string,
  { from, to }: UsageWindow,
  limit: number,
): Promise<ClientRequests[]> =>
  database.query<ClientRequests>(
    `select coalesce(nullif(client, ''), '(unknown)') as name, nullif(client_version, '') as version,
       sum(count)::float8 as count, sum(errors)::float8 as errors,
       ${isoTime('max(last_seen)', 'lastSeen')}
     from registry.usage_days where ${inWindow}
     group by client, client_version order by sum(count) desc, client, client_version limit $4`,
    [environment, from, to, limit],
  );

/** Requests of one day. */
export interface DayRequests {
  readonly day: string;
  readonly count: number;
  readonly errors: number;
}

/** Returns the requests of each day of a window, also of those without any. */
export const requestsByDay = (
  database: Database,
  environment: string,
  { from, to }: UsageWindow,
): Promise<DayRequests[]> =>
  database.query<DayRequests>(
    `select to_char(days.day, 'YYYY-MM-DD') as day, coalesce(sum(count), 0)::float8 as count,
       coalesce(sum(errors), 0)::float8 as errors
     from generate_series(($2::timestamptz at time zone 'UTC')::date, ($3::timestamptz at time zone 'UTC')::date, '1 day')
       as days (day)
     left join registry.usage_days on environment = $1 and usage_days.day = days.day::date
     group by days.day order by days.day`,
    [environment, from, to],
  );
