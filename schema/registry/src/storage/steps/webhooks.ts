/** Creates the tables of webhooks and of the events for them. */
export const webhooksStep = `
  create table registry.webhooks (
    id text primary key,
    url text not null,
    secret text not null,
    events text[] not null,
    created_at timestamptz not null default now(),
    disabled_at timestamptz
  );
  create table registry.webhook_deliveries (
    delivery bigint generated always as identity primary key,
    webhook text not null references registry.webhooks on delete cascade,
    message text not null,
    type text not null,
    body text not null,
    created_at timestamptz not null default now(),
    attempts int not null default 0,
    next_at timestamptz default now(),
    delivered_at timestamptz,
    failure text
  );
  create index webhook_deliveries_due on registry.webhook_deliveries (webhook, next_at) where next_at is not null;
  create index webhook_deliveries_time on registry.webhook_deliveries (created_at);
`;
