import { type Mutant, mutant } from './define.ts';

/** Mistakes in distinguishing outages from slow statements. */
export const outageMutants: readonly Mutant[] = [
  mutant(
    'a command waits for slow documents no longer than is usual',
    { tests: 'subgraphs/mutation/src/lookup', named: 'waits for slow documents as long as it is told' },
    'subgraphs/mutation/src/lookup.ts',
    "policyFor('documents', timeoutMs, metrics)",
    "policyFor('documents', Math.min(timeoutMs, 250), metrics)",
  ),
  mutant(
    'the tables of the accounts must be made in the time of a request',
    { tests: 'tests/mutation/slow-tables', named: 'take longer than a request are made' },
    'subgraphs/mutation/src/accounts/make-tables.ts',
    'make: 600_000',
    'make: 900',
  ),
  mutant(
    'a step of the registry must be done in the time of a request',
    { tests: 'tests/registry/slow-steps', named: 'longer than a request' },
    'schema/registry/src/storage/tables.ts',
    'set local statement_timeout',
    'set local deadlock_timeout',
  ),
  mutant(
    'the queue keeps the request of a pull that has ended',
    { tests: 'tests/stores/queue', named: 'returned after a stop' },
    'packages/message-queue/src/batches.ts',
    'await sub?.drain?.();\n    await consumer?.info();',
    'await sub?.drain?.();',
  ),
  mutant(
    'each start of a replica locks the tables of the accounts',
    { tests: 'tests/mutation/slow-tables', named: 'take longer than a request are made' },
    'subgraphs/mutation/src/accounts/make-tables.ts',
    'if (!rows[0]?.made) await',
    'if (rows.length > 0) await',
  ),
  mutant(
    'a server that stops refuses what still comes over open connections',
    { tests: 'packages/http-server/src/http', named: 'answers what still comes' },
    'packages/http-server/src/http.ts',
    '    return503OnClosing: false,',
    '    return503OnClosing: true,',
  ),
  mutant(
    'a server that stops closes unused connections into which clients send',
    { tests: 'packages/http-server/src/http', named: 'waits for connections that nobody uses' },
    'packages/http-server/src/http.ts',
    '    await connections.left(lingerMs);',
    '',
  ),
  mutant(
    'catching up from the event store reports its position to nobody',
    { tests: 'tests/fallbacks/redundant-queue', named: 'holds nothing up while the first is down' },
    'projector/src/start-projection.ts',
    'applied: (at) => progress.passed(at)',
    'applied: progress.passed',
  ),
  mutant(
    'a shared server that goes down takes all replicas out of rotation',
    { tests: 'packages/http-server/src/http', named: 'a shared server that was there at the start' },
    'packages/runtime/src/readiness.ts',
    "kind === 'own' || (kind === 'atStart' && !hasAnswered)",
    "kind !== 'shown'",
  ),
  mutant(
    'a slow statement is taken for an outage of the store',
    { tests: 'tests/projector/slow-statement', named: 'holds up no other event' },
    'packages/document-store/src/postgres-errors.ts',
    'error.code === queryCanceled)',
    "error.code === queryCanceled.concat('0'))",
  ),
  mutant(
    'a slow store is taken for an event that makes it slow',
    { tests: 'tests/projector/slow-statement', named: 'no event is to blame' },
    'projector/src/patient-apply.ts',
    'error instanceof StatementTimeoutError ? probe() :',
    'error instanceof StatementTimeoutError ? Promise.resolve() :',
  ),
  mutant(
    'a pointer that is slow is taken for one that was never written',
    { tests: 'tests/projector/slow-statement', named: 'never guessed' },
    'packages/document-store/src/generations.ts',
    'if (error instanceof DocumentsUnavailableError || error instanceof StatementTimeoutError) throw error;',
    'if (error instanceof DocumentsUnavailableError) throw error;\n    void StatementTimeoutError;',
  ),
];
