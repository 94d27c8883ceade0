import { type Mutant, mutant } from './define.ts';

const rules = 'packages/read-models/src/visibility.ts';
const caughtBy = { tests: 'tests/e2e/suggested-users', named: 'suggests whom most of those follow' };

/** Mistakes in whom the viewer is told to follow. */
export const suggestedUserMutants: readonly Mutant[] = [
  mutant(
    'people whom the viewer has asked to follow are suggested',
    caughtBy,
    rules,
    "followStateOf(facts.user, facts.follow) === 'NONE'",
    "followStateOf(facts.user, facts.follow) !== 'FOLLOWING'",
  ),
  mutant(
    'people behind a block are suggested',
    caughtBy,
    rules,
    'mayMeet(facts.relation) &&\n  facts.viewer !== facts.id',
    'facts.viewer !== facts.id',
  ),
  mutant(
    'suggestions come in the order of the follows',
    caughtBy,
    'subgraphs/query/src/reads/suggested-users.ts',
    'b.mutualCount - a.mutualCount',
    '0',
  ),
];
