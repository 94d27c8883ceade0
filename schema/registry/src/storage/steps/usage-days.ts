/** Creates the sums of usage by day and client, and fills them from what was reported before. */
export const usageDaysStep = `
  create table registry.usage_days (
    environment text not null,
    day date not null,
    client text not null,
    client_version text not null,
    count bigint not null,
    errors bigint not null,
    last_seen timestamptz not null default now(),
    primary key (environment, day, client, client_version)
  );
  insert into registry.usage_days
  select environment, (hour at time zone 'UTC')::date, client, client_version, sum(count), sum(errors), max(last_seen)
  from registry.usage group by 1, 2, 3, 4;
`;
