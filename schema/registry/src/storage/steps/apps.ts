/** Creates the tables of app versions and the documents that they ship with. */
export const appsStep = `
  create table registry.documents (
    hash text primary key,
    document text not null,
    operation text not null,
    name text,
    kind text not null
  );
  create table registry.app_versions (
    app bigint generated always as identity primary key,
    environment text not null,
    client text not null,
    version text not null,
    hash text not null,
    author text not null,
    commit text,
    published_at timestamptz not null default now(),
    seen_at timestamptz,
    retired_at timestamptz,
    retired_by text,
    retired_reason text,
    unique (environment, client, version)
  );
  create table registry.app_documents (
    app bigint not null references registry.app_versions,
    id text not null,
    hash text not null references registry.documents,
    primary key (app, id)
  );
  create index app_documents_id on registry.app_documents (id);
`;
