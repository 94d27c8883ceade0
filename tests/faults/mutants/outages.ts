import { type Mutant, mutant } from './define.ts';

/** Mistakes in distinguishing outages from slow statements. */
export const outageMutants: readonly Mutant[] = [
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
    { tests: 'tests/fallbacks/redundant-queue', named: 'take over from each other' },
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
