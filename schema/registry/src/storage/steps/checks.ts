/** Creates the table of checks and their reports. */
export const checksStep = `
  create table registry.checks (
    number bigint generated always as identity primary key,
    environment text not null,
    base bigint references registry.versions,
    subgraphs text[] not null,
    removed text[] not null,
    author text,
    commit text,
    message text,
    ok boolean not null,
    outcome text not null,
    report jsonb not null,
    checked_at timestamptz not null default now()
  );
  create index checks_environment on registry.checks (environment, number);
  create index checks_time on registry.checks (checked_at);
`;
