import { type Mutant, mutant } from './define.ts';

/** Mistakes in what a client is told of its own writes. */
export const resultMutants: readonly Mutant[] = [
  mutant(
    'an accepted mutation is an error if its result cannot be read',
    { tests: 'tests/e2e/accepted-writes', named: 'a new post is accepted' },
    'gateway/src/execution/executor.ts',
    'if (!readBacks) return answerOf(',
    'if (!readBacks?.isReadBack) return answerOf(',
  ),
  mutant(
    'what could not be read back passes for absent',
    { tests: 'tests/e2e/accepted-writes', named: 'likePost is accepted: null and stale' },
    'gateway/src/execution/executor.ts',
    '      answer.stale = true;',
    '',
  ),
];
