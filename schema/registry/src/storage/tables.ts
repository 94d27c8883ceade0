import type pg from 'pg';

/** Lock of whoever migrates; the number is arbitrary. */
const migrationLock = 7_201_113;

/** Steps that lead from an empty database to the present tables. A step that was released is never edited. */
const steps: readonly string[] = [
  `
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
  `,
  `
  create table registry.gateways (
    environment text not null,
    gateway text not null,
    serves bigint,
    seen_at timestamptz not null default now(),
    primary key (environment, gateway)
  );
  create table registry.launch_answers (
    environment text not null,
    launch bigint not null,
    gateway text not null,
    outcome text not null check (outcome in ('served', 'refused')),
    reason text,
    answered_at timestamptz not null default now(),
    primary key (environment, launch, gateway),
    foreign key (environment, launch) references registry.launches
  );
  `,
  `
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
  `,
];

/** Creates or upgrades the tables, in a schema of its own. Replicas that start together wait for each other. */
export const migrate = async (client: pg.ClientBase): Promise<void> => {
  await client.query('begin');
  try {
    await client.query('select pg_advisory_xact_lock($1)', [migrationLock]);
    await client.query('create schema if not exists registry');
    await client.query('create table if not exists registry.steps (step int primary key)');
    const { rows } = await client.query<{ done: number }>('select count(*)::int as done from registry.steps');
    for (const [step, sql] of [...steps.entries()].slice(rows[0]?.done ?? 0)) {
      await client.query(sql);
      await client.query('insert into registry.steps values ($1)', [step]);
    }
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  }
};
