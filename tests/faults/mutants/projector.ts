import { type Mutant, mutant } from './define.ts';

/** Mistakes in how the projector works off a backlog, and in what it tells of it. */
export const projectorMutants: readonly Mutant[] = [
  mutant(
    'the time left is that of the fastest projection',
    { tests: 'packages/message-queue/src/flow', named: 'tells the rate of each projection' },
    'packages/message-queue/src/flow.ts',
    'timeOf(b) - timeOf(a)',
    'timeOf(a) - timeOf(b)',
  ),
  mutant(
    'a rate of long ago is that of now',
    { tests: 'packages/message-queue/src/flow', named: 'knows no end of a backlog' },
    'packages/message-queue/src/flow.ts',
    '> maxRateAgeMs ?',
    '> maxRateAgeMs * 1e9 ?',
  ),
  mutant(
    'the rate is that since the start',
    { tests: 'projector/src/progress-rate', named: 'follows a change of the pace' },
    'projector/src/progress-rate.ts',
    'if (inWindow > 1)',
    'if (inWindow < 0)',
  ),
];
