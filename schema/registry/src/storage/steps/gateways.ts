/** Creates the tables of gateways and their answers. */
export const gatewaysStep = `
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
`;
