import { type Mutant, mutant } from './define.ts';

const rules = 'packages/read-models/src/visibility.ts';
const byTable = { tests: 'packages/read-models/src/audience-table', named: 'is shown unless' };
/** No open subscription looks by itself there: whatever it tells was announced. */
const byLiveRules = { tests: 'tests/query/live-rules', named: 'hear of all rules' };
const byFollows = {
  tests: 'packages/read-models/src/projections/follows',
  named: 'of a protected account begins',
};
const follows = 'packages/read-models/src/projections/follows.ts';
const byAttack = (named: string) => ({ tests: 'tests/attacks/audiences', named });
const byModel = { tests: 'subgraphs/query/src/views', named: 'what the model says' };

/** Mistakes in the audiences of posts, and in who follows protected accounts. */
export const audienceOfPostMutants: readonly Mutant[] = [
  mutant(
    'posts for followers are for everybody',
    byTable,
    rules,
    "post?.visibility === 'FOLLOWERS' || (",
    "post?.visibility === 'MENTIONED' || (",
  ),
  mutant(
    'posts for those whom they mention are for everybody',
    byTable,
    rules,
    '  return post.visibility === undefined;\n};',
    "  return post.visibility !== 'FOLLOWERS';\n};",
  ),
  mutant(
    'the audience of a post does not matter',
    byTable,
    rules,
    '!(mayMeet(facts.authorRelation) && isInAudience(facts)));',
    '!mayMeet(facts.authorRelation));',
  ),
  mutant(
    'whoever has tried to edit a post makes others see it',
    byTable,
    rules,
    'addressees?.[author]?.includes(user) === true;',
    "Object.values(addressees ?? {}).flat().includes(user) && author !== '';",
  ),
  mutant(
    'posts of a protected account are for everybody',
    byTable,
    rules,
    'const isProtected = (user: UserDoc | undefined): boolean => user?.protected === true;',
    'const isProtected = (user: UserDoc | undefined): boolean => user === undefined;',
  ),
  mutant(
    'a follow that nobody has approved shows the posts of a protected account',
    byTable,
    rules,
    'follow?.active === true && !(follow.unchecked === true && isProtected(user));',
    'follow?.active === true;',
  ),
  mutant(
    'whoever has asked to follow is a follower',
    byTable,
    rules,
    "    return follow.unchecked === true && isProtected(user) ? 'PENDING' : 'FOLLOWING';",
    "    return 'FOLLOWING';",
  ),
  mutant(
    'shares of a protected account are for everybody',
    byTable,
    rules,
    "(facts.item.verb === 'POST' || maySeeActsOf(actorFacts(facts))) &&",
    "(facts.item.verb === 'POST' || facts.actor !== undefined) &&",
  ),
  mutant(
    'posts of protected accounts can be shared',
    byTable,
    rules,
    'post.moderated !== true && !isProtected(author);',
    'post.moderated !== true;',
  ),
  mutant(
    'the rules do not learn whom the viewer follows',
    byModel,
    'subgraphs/query/src/hydrate.ts',
    'follow: await loadFollow(loaders, viewer, other) }',
    'follow: undefined }',
  ),
  mutant(
    'posts with a narrow audience count',
    byAttack('counts nothing'),
    'packages/read-models/src/projections/posts.ts',
    'false, visibility: null, moderated: null } },\n    replies:',
    'false, moderated: null } },\n    replies:',
  ),
  mutant(
    'commands find posts that are for others',
    byAttack('counts nothing'),
    'subgraphs/mutation/src/hidden.ts',
    'isHidden(facts) ||',
    '(isHidden(facts) && relation.blocks) ||',
  ),
  mutant(
    'whoever is not in the audience is told of the end of a post',
    byAttack('hear nothing of its changes'),
    'subgraphs/query/src/live/feed-changes.ts',
    "return maySeePost(facts) || mayFollowUp(facts) ? { kind: 'REMOVED', postId: id } : undefined;",
    "return facts ? { kind: 'REMOVED', postId: id } : undefined;",
  ),
  mutant(
    'an open post does not hear that its author protects the account',
    byLiveRules,
    'packages/read-models/src/projections/profiles.ts',
    '  topics: (_doc, id) => [`account:',
    '  topics: (_doc, id) => [`post:',
  ),
  mutant(
    'an open post does not hear that a follow has ended',
    byLiveRules,
    follows,
    '    `viewer:$' + '{actor}`,\n',
    '',
  ),
  mutant(
    'a request follows at once',
    byFollows,
    follows,
    "(act.kind === 'ask' ? (approvalOf(act) ?? []) : [act])",
    "(act.kind === 'guess' ? (approvalOf(act) ?? []) : [act])",
  ),
  mutant(
    'an approval is good for later requests',
    byFollows,
    follows,
    'approvals.find((approval) => newer(approval.version, version));',
    'approvals.find((approval) => approval.version !== version);',
  ),
  mutant(
    'a rejection ends no follow',
    byFollows,
    follows,
    '&& (rejection === null || newer(act.version, rejection));',
    '&& rejection !== undefined;',
  ),
  mutant(
    'everybody can read who asks to follow',
    byAttack('which only the two see'),
    'subgraphs/query/src/reads/follow-requests.ts',
    '{ object: user, pending: true }',
    '{ pending: true }',
  ),
];
