/** Creates the tables of versions, launches, approvals, tokens and the audit log. */
export const versionsStep = `
  create function registry.refuse_change() returns trigger language plpgsql as $$
  begin
    raise exception '% keeps what was written', tg_table_name;
  end $$;

  create table registry.subgraph_contents (
    hash text primary key,
    name text not null,
    sdl text not null,
    address text not null
  );

  create table registry.versions (
    version bigint primary key,
    base bigint references registry.versions,
    hash text not null,
    subgraphs jsonb not null,
    changed text[] not null,
    supergraph text,
    problems jsonb not null,
    author text not null,
    commit text,
    message text,
    published_at timestamptz not null default now()
  );
  create index versions_hash on registry.versions (hash, version);
  create index versions_composed on registry.versions (version) where supergraph is not null;

  create table registry.launches (
    environment text not null,
    launch bigint not null,
    version bigint not null references registry.versions,
    action text not null check (action in ('promote', 'rollback')),
    author text not null,
    reason text,
    issued_at bigint not null,
    created_at timestamptz not null default now(),
    primary key (environment, launch)
  );

  create table registry.approvals (
    hash text primary key,
    kind text not null,
    coordinate text not null,
    message text not null,
    reason text not null,
    author text not null,
    approved_at timestamptz not null default now()
  );

  create table registry.tokens (
    id text primary key,
    secret_hash bytea not null,
    name text not null,
    scopes text[] not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    revoked_at timestamptz
  );

  create table registry.audit_log (
    entry bigint generated always as identity primary key,
    at timestamptz not null default now(),
    token_id text not null,
    token_name text not null,
    action text not null,
    details jsonb not null
  );

  create trigger keep before update or delete or truncate on registry.subgraph_contents
    execute function registry.refuse_change();
  create trigger keep before update or delete or truncate on registry.versions
    execute function registry.refuse_change();
  create trigger keep before update or delete or truncate on registry.launches
    execute function registry.refuse_change();
  create trigger keep before update or delete or truncate on registry.audit_log
    execute function registry.refuse_change();
`;
