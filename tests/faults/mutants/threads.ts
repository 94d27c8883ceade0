import { type Mutant, mutant } from './define.ts';

const rules = 'packages/read-models/src/visibility.ts';
const byTable = { tests: 'packages/read-models/src/audience-table', named: 'is shown unless' };
const byPolicies = { tests: 'packages/read-models/src/consent-table', named: 'who may reply' };
const byQuotes = { tests: 'packages/read-models/src/consent-table', named: 'who may quote' };
const byModel = { tests: 'subgraphs/query/src/views', named: 'is what the model says' };
const byAttack = (named: string) => ({ tests: 'tests/attacks/replies', named });

/** Mistakes in who may reply, and in what hiding a reply hides. */
export const threadMutants: readonly Mutant[] = [
  mutant(
    'whoever follows may reply if nobody has approved the follow',
    byPolicies,
    rules,
    'return isFollower({ ...unrelated, follow: facts.follow }, firstAuthor);',
    'return facts.follow?.active === true || isFollower(unrelated, firstAuthor);',
  ),
  mutant(
    'followers may reply in a thread for people whom the author follows',
    byPolicies,
    rules,
    'return facts.followed?.active === true;',
    'return facts.follow?.active === true;',
  ),
  mutant(
    'everybody may reply in a thread for nobody',
    byPolicies,
    rules,
    "    case 'NOBODY':\n      return false;",
    "    case 'NOBODY':\n      return true;",
  ),
  mutant(
    'replies to replies ask no policy',
    byAttack('is decided by the first post'),
    'subgraphs/mutation/src/threads.ts',
    'thread === id ? post : await findFirst(thread)',
    "thread === id ? post : await findFirst('')",
  ),
  mutant(
    'a hidden reply stays in the list of replies',
    byTable,
    rules,
    'maySeeFound(facts) && mayStayInThread(facts);',
    'maySeeFound(facts);',
  ),
  mutant(
    'a hidden reply leaves its place in the thread when it is deleted',
    byTable,
    rules,
    'facts.replyCount > 0 && mayStayInThread(facts));',
    'facts.replyCount > 0);',
  ),
  mutant(
    'a hidden reply notifies',
    byTable,
    rules,
    'maySeeReply(facts) && !isHiddenReply(facts.post) && ',
    'maySeeReply(facts) && ',
  ),
  mutant(
    'hidden replies count',
    byAttack('leaves the thread, the replies and the count'),
    'packages/read-models/src/projections/posts.ts',
    'visibility: null, hidden: null, moderated',
    'visibility: null, moderated',
  ),
  mutant(
    'anybody can hide a reply',
    byModel,
    'packages/read-models/src/projections/thread-control.ts',
    'threadAuthor === undefined ? isChecked : threadAuthor === actor;',
    "threadAuthor === undefined ? isChecked : actor !== '';",
  ),
  mutant(
    'anybody sets the policy of a thread',
    byModel,
    'packages/read-models/src/projections/thread-control.ts',
    'const own = ofActor(policies, author);',
    'const own = Object.values(policies).at(-1);',
  ),
  mutant(
    'everybody may quote posts for others',
    byQuotes,
    rules,
    '  if (!isForEverybody(post, author)) return false;\n',
    '',
  ),
  mutant(
    'the policy of quotes does not matter',
    byQuotes,
    rules,
    'post.quotePolicy === undefined ||',
    "post.quotePolicy !== 'FOLLOWERS' ||",
  ),
  mutant(
    'a quote shows between people of whom one blocks the other',
    byTable,
    rules,
    'maySeePost(facts) && mayMeet(facts.quoting);',
    'maySeePost(facts);',
  ),
  mutant(
    'a quote without consent shows',
    byModel,
    'packages/read-models/src/projections/quotes.ts',
    'withQuote(quoted === undefined || quotedAuthor === undefined ? doc : { ...doc, quoted, quotedAuthor });',
    "withQuote(quoted === undefined ? doc : { ...doc, quoted, quotedAuthor: quotedAuthor ?? '' });",
  ),
  mutant(
    'a revoked quote shows',
    byModel,
    'packages/read-models/src/projections/quotes.ts',
    'const isRevoked = revocations[quotedAuthor] === true;',
    'const isRevoked = revocations[quoted] === true;',
  ),
  mutant(
    'a count of quotes loses its post once all are revoked',
    { tests: 'packages/read-models/src/projections/merge-laws', named: 'name the same sets for good' },
    'packages/read-models/src/projections/posts.ts',
    "field: 'quoted',",
    "field: 'quotes',",
  ),
  mutant(
    'the refusal to revoke tells whether a post quotes a hidden one',
    { tests: 'subgraphs/mutation/src/commands/quote', named: 'for a post without a quote alike' },
    'subgraphs/mutation/src/commands/quote.ts',
    'known.quotedAuthor !== actor)',
    'known.quotedAuthor !== undefined && known.quotedAuthor !== actor)',
  ),
  mutant(
    'a reply that nobody could check shows to everybody',
    { tests: 'subgraphs/query/src/histories/histories.test', named: 'as in the model' },
    rules,
    'post?.unchecked === true &&',
    'post?.hidden === true &&',
  ),
  mutant(
    'a reply that nobody could check never comes back',
    { tests: 'subgraphs/query/src/histories/histories.test', named: 'as in the model' },
    rules,
    "!mayReply(policy) &&\n  post.hidings?.[policy.first?.author ?? '']?.hidden !== false;",
    '!mayReply(policy);',
  ),
  mutant(
    'a command takes no answer about who may reply for a consent',
    { tests: 'subgraphs/mutation/src/commands/post', named: 'nobody could tell who may reply' },
    'subgraphs/mutation/src/commands/reply-policy.ts',
    '...(isUnchecked ? { unchecked: true as const } : {}),',
    '',
  ),
];
