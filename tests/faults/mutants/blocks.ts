import { type Mutant, mutant } from './define.ts';

const rules = 'packages/read-models/src/visibility.ts';
const byTable = { tests: 'packages/read-models/src/visibility-table', named: 'is shown unless' };
const byFollows = { tests: 'packages/read-models/src/projections/follows', named: 'what blocks leave' };
const follows = 'packages/read-models/src/projections/follows.ts';
const byAttack = (named: string) => ({ tests: 'tests/attacks/blocks', named });

/** Mistakes in what a block hides and ends. */
export const blockMutants: readonly Mutant[] = [
  mutant(
    'a block hides nothing from the one who is blocked',
    byTable,
    rules,
    '!blocks && !isBlocked;',
    '!blocks;',
  ),
  mutant(
    'a block hides nothing from the one who has set it',
    byTable,
    rules,
    '!blocks && !isBlocked;',
    '!isBlocked;',
  ),
  mutant(
    'a blocked person finds the profile of the one who has set the block',
    byTable,
    rules,
    'mayKnowUser(facts.user) && !facts.relation.isBlocked;',
    'mayKnowUser(facts.user);',
  ),
  mutant(
    'the one who has set a block does not find the profile',
    byTable,
    rules,
    'mayKnowUser(facts.user) && !facts.relation.isBlocked;',
    'mayKnowUser(facts.user) && mayMeet(facts.relation);',
  ),
  mutant(
    'a block does not hide posts',
    byTable,
    rules,
    '!(mayMeet(facts.authorRelation) && isInAudience(facts)));',
    '!isInAudience(facts));',
  ),
  mutant(
    'a deleted post that a block hides says what it answered',
    byTable,
    rules,
    'isAuthored(facts) && isGone(facts) && mayKnowUser(facts.author) && !isHidden(facts);',
    'isAuthored(facts) && isGone(facts) && mayKnowUser(facts.author);',
  ),
  mutant('a block does not hide shares', byTable, rules, '  mayMeet(relation) &&\n', ''),
  mutant(
    'a block does not hide people in lists',
    byTable,
    rules,
    'facts.follow.active && mayKnowUser(facts.user) && mayMeet(facts.relation);',
    'facts.follow.active && mayKnowUser(facts.user);',
  ),
  mutant(
    'the rules do not learn that somebody blocks the viewer',
    { tests: 'subgraphs/query/src/views', named: 'what the model says' },
    'subgraphs/query/src/hydrate.ts',
    'isBlocked: theirs?.active === true',
    'isBlocked: false',
  ),
  mutant(
    'a page reads the relations to actors and to authors by a call each',
    { tests: 'subgraphs/query/src/views', named: 'one call for all relations' },
    'subgraphs/query/src/hydrate.ts',
    '    if (current?.post) await loaders.posts.load(current.post);\n',
    '',
  ),
  mutant(
    'a follow outlives a block',
    byFollows,
    follows,
    'return !hasBlock || (end !== undefined && newer(act.version, end.version));',
    'return true;',
  ),
  mutant(
    'a follow that was made during a block comes back after it',
    byFollows,
    follows,
    'newer(act.version, end.version)',
    'newer(act.version, way.off ?? null)',
  ),
  mutant(
    'a block ends follows in one direction only',
    byAttack('hides each of the two'),
    follows,
    '[relationId(actor, subject), relationId(subject, actor)];',
    '[relationId(actor, subject)];',
  ),
  mutant(
    'somebody who follows nobody is told that a follow has ended by a block',
    { tests: byFollows.tests, named: 'does not show by a change' },
    follows,
    '(acts.every((act) => isFree(act, way)) ? [] : [way.ended ?? 0])',
    '[way.ended ?? 0]',
  ),
  mutant(
    'commands find posts that a block hides',
    byAttack('hides each of the two'),
    'subgraphs/mutation/src/hidden.ts',
    '      blocks.relation(actor, post.author),',
    '      blocks.relation(actor, actor),',
  ),
  mutant(
    'commands find users whom a block hides',
    byAttack('hides each of the two'),
    'subgraphs/mutation/src/lookup.ts',
    "&& isBlocked ? 'absent' : user;",
    "&& false ? 'absent' : user;",
  ),
  mutant(
    'a command of somebody who has ended their block comes too early',
    { tests: 'subgraphs/mutation/src/blocks.test.ts', named: 'before that is projected' },
    'subgraphs/mutation/src/blocks.ts',
    'if (!active && !isOf(event, eventKinds.userUnblocked)) return;',
    'if (!active) return;',
  ),
  mutant(
    'a block that another process has ended is remembered forever',
    { tests: 'subgraphs/mutation/src/blocks.test.ts', named: 'whichever is newer' },
    'subgraphs/mutation/src/blocks.ts',
    'own && newer(own.version, doc?.version ?? null)',
    'own',
  ),
  mutant(
    'an open post does not hear of a block',
    { tests: 'tests/query/live-rules', named: 'hear of all rules' },
    'subgraphs/query/src/live/post.ts',
    'if (viewer !== null) topics.push',
    "if (viewer === 'nobody') topics.push",
  ),
  mutant(
    'nobody is told that a block hides what others have shared',
    { tests: 'tests/query/feed-events', named: 'tell of a block' },
    'subgraphs/query/src/live/feed-facts.ts',
    'return position > from ?',
    'return position < 0 ?',
  ),
  mutant(
    'the list of a user whom the viewer blocks has pages',
    byAttack('with many posts at once'),
    'subgraphs/query/src/reads/feed.ts',
    '        if (!maySeeActsOf(await hydrateActsOf(loaders, actor))) return [];\n',
    '',
  ),
  mutant(
    'counts of a user whom the viewer blocks are shown',
    byAttack('the profile alone'),
    'subgraphs/query/src/resolvers.ts',
    'counted(user, args, context) : 0;',
    'counted(user, args, context) : counted(user, args, context);',
  ),
  mutant(
    'the list of blocks has those of everybody',
    byAttack('shows the blocked person nothing'),
    'subgraphs/query/src/reads/viewers-list.ts',
    '{ actor: viewer, active: true }',
    '{ active: true }',
  ),
];
