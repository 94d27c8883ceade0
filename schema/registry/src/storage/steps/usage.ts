/** Creates the tables of usage of operations. */
export const usageStep = `
  create table registry.usage_documents (id text primary key, document text not null);
  create table registry.usage (
    environment text not null,
    hour timestamptz not null,
    document_id text not null references registry.usage_documents,
    operation text not null,
    client text not null,
    client_version text not null,
    count bigint not null,
    errors bigint not null,
    duration_ms float8 not null,
    inputs text[] not null,
    last_seen timestamptz not null default now(),
    primary key (environment, hour, document_id, operation, client, client_version)
  );
`;
