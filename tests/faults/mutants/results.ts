import { type Mutant, mutant } from './define.ts';

/** Mistakes in the results of own writes. */
export const resultMutants: readonly Mutant[] = [
  mutant(
    'an accepted mutation is an error if its result cannot be read',
    { tests: 'tests/e2e/accepted-writes', named: 'a new post is accepted' },
    'packages/federation-executor/src/executor.ts',
    'if (!readBacks) return {',
    'if (!readBacks?.isReadBack) return {',
  ),
  mutant(
    'what could not be read back passes for absent',
    { tests: 'tests/e2e/accepted-writes', named: 'likePost is accepted: null and stale' },
    'packages/federation-executor/src/executor.ts',
    'isStale: isStale || kept.isStale',
    'isStale',
  ),
  mutant(
    'a key that the queue has forgotten is new',
    { tests: 'tests/e2e/idempotency', named: 'and CONFLICT for any other input or verb' },
    'subgraphs/mutation/src/execute.ts',
    "if (typeof recorded === 'object')",
    "if (typeof recorded === 'object' && recorded.inputhash === hash)",
  ),
  mutant(
    'the recorder drops a command whose key stands for another one',
    { tests: 'tests/e2e/idempotency', named: 'takes effect once, and the other activity says' },
    'recorder/src/record.ts',
    '  if (conflicts.length === 0) return [];',
    '  if (conflicts.length >= 0) return [];',
  ),
  mutant(
    'an event that is recorded and not relayed yet is absent',
    {
      tests: 'subgraphs/mutation/src/lookup',
      named: 'is found in the event store while it is recorded and not relayed',
    },
    'subgraphs/mutation/src/lookup.ts',
    "if (typeof recorded === 'object') return madeBy(source, recorded);",
    "if (typeof recorded === 'object') return 'absent';",
  ),
  mutant(
    'the recorder rejects one command of a batch and drops the others whose key is taken',
    { fault: 'keys-forgotten', breaks: 'I1' },
    'recorder/src/record.ts',
    '    conflicts.map((event) => rejectionOf(',
    '    conflicts.slice(0, 1).map((event) => rejectionOf(',
  ),
];
