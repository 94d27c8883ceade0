/** Creates the table of people who are signed in to the page. */
export const sessionsStep = `
  create table registry.page_sessions (
    secret_hash bytea primary key,
    token_id text not null references registry.tokens,
    expires_at timestamptz not null
  );
`;
