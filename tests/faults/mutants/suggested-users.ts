import { type Mutant, mutant } from './define.ts';

const rules = 'packages/read-models/src/visibility.ts';
const table = { tests: 'packages/read-models/src/suggested-table', named: 'nobody is' };
const caughtByModel = { tests: 'subgraphs/query/src/histories/histories.test', named: 'as in the model' };
const ranking = 'subgraphs/query/src/rank-suggested.ts';
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
    ranking,
    'b.mutualCount - a.mutualCount',
    '0',
  ),
  mutant(
    'who follows many in a row fills the suggestions',
    { tests: 'subgraphs/query/src/rank-suggested', named: 'does not come before others' },
    ranking,
    'a.place - b.place',
    '0',
  ),
  mutant(
    'follows of those who have not approved the viewer are told',
    table,
    rules,
    "followStateOf(facts.user, facts.follow) === 'FOLLOWING'",
    "followStateOf(facts.user, facts.follow) !== 'NONE'",
  ),
  mutant(
    'people whom the viewer mutes suggest others',
    table,
    rules,
    "=== 'FOLLOWING' &&\n  !isMuted(facts)",
    "=== 'FOLLOWING'",
  ),
  mutant(
    'suspended people suggest others',
    caughtByModel,
    'subgraphs/query/src/reads/suggested-users.ts',
    'facts.filter(mayRecommend)',
    'facts',
  ),
];
