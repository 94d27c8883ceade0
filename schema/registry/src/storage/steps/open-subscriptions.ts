/** Creates the table of the open subscriptions of each gateway. */
export const openSubscriptionsStep = `
  create table registry.open_subscriptions (
    environment text not null,
    gateway text not null,
    document_id text not null references registry.usage_documents,
    operation text not null,
    client text not null,
    client_version text not null,
    open int not null,
    inputs text[] not null,
    report bigint not null,
    reported_at timestamptz not null default now(),
    primary key (environment, document_id, operation, client, client_version, gateway)
  );
  create index open_subscriptions_gateway on registry.open_subscriptions (environment, gateway);
  create index open_subscriptions_document on registry.open_subscriptions (document_id);
`;
