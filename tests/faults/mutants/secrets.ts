import { type Mutant, mutant } from './define.ts';

/** Mistakes in the replacement of secrets while everything runs. */
export const secretMutants: readonly Mutant[] = [
  mutant(
    'a connection that Postgres refuses is not tried with the next credential',
    { tests: 'packages/runtime/src/credentials', named: 'reach one that the server takes' },
    'packages/runtime/src/credentials.ts',
    'left = (left ?? this.tries) - 1;',
    'left = 0;',
  ),
  mutant(
    'connections to Postgres are opened with the credential that is listed first, or not at all',
    { tests: 'tests/stores/postgres-credentials', named: 'refuses the credential that is listed first' },
    'packages/postgres/src/index.ts',
    'credentials.connectWithAny(connect, isRefused)',
    'credentials.connectWithAny(connect, () => false)',
  ),
  mutant(
    'new credentials of NATS end the connection before there is another one',
    { tests: 'tests/stack/rotate-secrets', named: 'the user of NATS' },
    'packages/message-queue/src/queue-connection.ts',
    'onChange: () => this.#replace(),',
    'onChange: async () => void (await this.#clients?.nc.reconnect()),',
  ),
  mutant(
    'only the secret that signs verifies cursors',
    { tests: 'packages/graphql-server/src/cursor', named: 'stay valid at every step of a rotation' },
    'packages/graphql-server/src/cursor.ts',
    'secrets.current.some((secret)',
    'secrets.current.slice(0, 1).some((secret)',
  ),
];
