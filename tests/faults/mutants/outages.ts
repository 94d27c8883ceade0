import { type Mutant, mutant } from './define.ts';

/** Mistakes about what is down, and what is merely slow. */
export const outageMutants: readonly Mutant[] = [
  mutant(
    'a shared server that goes down takes all replicas out of rotation',
    { tests: 'packages/service/src/http', named: 'a shared server that was there at the start' },
    'packages/service/src/readiness.ts',
    "kind === 'own' || (kind === 'atStart' && !hasAnswered)",
    "kind !== 'shown'",
  ),
];
