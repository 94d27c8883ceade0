import { type Mutant, mutant } from './define.ts';

const rules = 'packages/read-models/src/visibility.ts';
const byTable = { tests: 'packages/read-models/src/visibility-table', named: 'is shown unless' };

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
    { tests: 'tests/query/list-cost', named: 'costs the same for any length' },
    'subgraphs/query/src/reads/reactions.ts',
    '{ object: post, active: true },',
    '{ active: true },',
  ),
  mutant(
    'a post shows the mentions of people whom a block hides',
    byTable,
    rules,
    'export const maySeeMention = <F extends UserFacts>(facts: F): facts is F & VisibleUser =>\n  mayKnowUser(facts.user) && mayMeet(facts.relation);',
    'export const maySeeMention = <F extends UserFacts>(facts: F): facts is F & VisibleUser =>\n  mayKnowUser(facts.user);',
  ),
  mutant(
    'an edit leaves the mentions of the text before',
    { tests: 'subgraphs/query/src/views', named: 'is what the model says' },
    'packages/read-models/src/projections/posts.ts',
    'const mentions = revision ? revision.mentions : published;',
    'const mentions = published ?? revision?.mentions;',
  ),
  mutant(
    'an edit leaves the post at the hashtags of the text before',
    { tests: 'subgraphs/query/src/views', named: 'is what the model says' },
    'packages/read-models/src/projections/posts.ts',
    "hashtagsOf(revision?.body ?? doc.body ?? '')",
    "hashtagsOf(doc.body ?? revision?.body ?? '')",
  ),
  mutant(
    'a thread shows the tombstones of replies that a block hides',
    { tests: 'subgraphs/query/src/views', named: 'is what the model says' },
    rules,
    '(mayFollowUp(facts) && facts.replyCount > 0);',
    '(facts.post?.deleted === true && facts.replyCount > 0);',
  ),
  mutant(
    'a thread shows deleted replies that nobody has answered',
    { tests: 'tests/query/threads', named: 'in their places, and pages through them' },
    rules,
    '(mayFollowUp(facts) && facts.replyCount > 0);',
    'mayFollowUp(facts);',
  ),
  mutant(
    'the posts above another begin with the nearest',
    { tests: 'tests/query/threads', named: 'begin with the topmost' },
    'subgraphs/query/src/reads/thread.ts',
    'return found.toReversed();',
    'return found;',
  ),
  mutant(
    'a deleted post keeps its former texts',
    { tests: 'packages/read-models/src/projections/histories', named: 'keeps no text of an author' },
    'packages/read-models/src/projections/histories.ts',
    'edits: without(doc.edits, actor)',
    'edits: doc.edits',
  ),
  mutant(
    'the history of a post forgets its first text',
    { tests: 'subgraphs/query/src/views', named: 'is what the model says' },
    'packages/read-models/src/projections/posts.ts',
    '(revision && doc.editedAt === null ? doc.body : null)',
    '(revision && doc.editedAt === null ? revision.body : null)',
  ),
  mutant(
    'anybody can pin the posts of others',
    { tests: 'subgraphs/mutation/src/commands/pin', named: 'is forbidden to anybody else' },
    'subgraphs/mutation/src/commands/pin.ts',
    'mustBeAuthor(actor, known);',
    '',
  ),
  mutant(
    'hashtags in different letter case are different',
    { tests: 'packages/read-models/src/text/hashtags', named: 'the hashtags of a text' },
    'packages/read-models/src/text/hashtags.ts',
    '.toUpperCase().toLowerCase()',
    '',
  ),
  mutant(
    'a change of a document leaves the former values of its list in the index',
    { tests: 'tests/stores/list-indexes', named: 'finds what has the value' },
    'packages/document-store/src/postgres-lists.ts',
    "if tg_op <> 'INSERT' then",
    "if tg_op = 'DELETE' then",
  ),
  mutant(
    'an address is taken for a mention',
    { tests: 'packages/read-models/src/text/mentions', named: 'finds the handles' },
    'packages/read-models/src/text/mentions.ts',
    '(?<![\\p{L}\\p{M}\\p{Nd}_@/.=-])@',
    '@',
  ),
];
