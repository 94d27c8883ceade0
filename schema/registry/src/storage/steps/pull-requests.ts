/**
 * Lets approvals belong to one pull request, and checks name theirs. Those approvals have a table of their own: a replica of the
 * version before, which reads the other table, must not take them for approvals that hold everywhere.
 */
export const pullRequestsStep = `
  create table registry.pull_request_approvals (
    pull_request text not null,
    hash text not null,
    kind text not null,
    coordinate text not null,
    message text not null,
    reason text not null,
    author text not null,
    approved_at timestamptz not null default now(),
    primary key (pull_request, hash)
  );
  create index pull_request_approvals_time on registry.pull_request_approvals (approved_at);
  create index approvals_time on registry.approvals (approved_at);
  alter table registry.checks add column pull_request text;
  create index checks_pull_request on registry.checks (environment, pull_request, number)
    where pull_request is not null;
`;
