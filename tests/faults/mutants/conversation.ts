import { type Mutant, mutant } from './define.ts';

const rules = 'subgraphs/query/src/visibility.ts';
const byTable = { tests: 'subgraphs/query/src/visibility-table', named: 'is shown unless' };

/** Mistakes in what a post leads to. */
export const conversationMutants: readonly Mutant[] = [
  mutant(
    'the lists of who likes or shares a post name people whom a block hides',
    byTable,
    rules,
    'facts.reaction.active && mayKnowUser(facts.user) && mayMeet(facts.relation);',
    'facts.reaction.active && mayKnowUser(facts.user);',
  ),
  mutant(
    'a like is listed although it was taken back',
    byTable,
    rules,
    'facts.reaction.active && mayKnowUser(facts.user) && mayMeet(facts.relation);',
    'mayKnowUser(facts.user) && mayMeet(facts.relation);',
  ),
  mutant(
    'the lists of who likes or shares a post are those of all posts',
    { tests: 'tests/query/list-cost', named: 'likers: costs the same' },
    'subgraphs/query/src/reads/reactions.ts',
    'where: { object: post, active: true },',
    'where: { active: true },',
  ),
];
