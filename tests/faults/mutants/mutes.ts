import { type Mutant, mutant } from './define.ts';

const rules = 'packages/read-models/src/visibility.ts';
const byTable = { tests: 'packages/read-models/src/visibility-table', named: 'is shown unless' };

/** Mistakes in what a mute keeps away. */
export const muteMutants: readonly Mutant[] = [
  mutant(
    'the friends feed asks no rule about mutes',
    byTable,
    rules,
    'belongsToViewersFeed(facts) && !isMutedPost(facts);',
    'belongsToViewersFeed(facts);',
  ),
  mutant(
    'replies and hashtags ask no rule about mutes',
    byTable,
    rules,
    'maySeePost(facts) && !isMutedPost(facts);',
    'maySeePost(facts);',
  ),
  mutant(
    'a mute does not end by itself',
    byTable,
    rules,
    '(mute.until === undefined || Date.parse(mute.until) > now)',
    'now > 0',
  ),
  mutant(
    'a mute keeps the time of an older event',
    { tests: 'packages/read-models/src/projections/mutes', named: 'what its newest event says' },
    'packages/read-models/src/projections/mutes.ts',
    'isNewest ? own : before',
    'before ?? own',
  ),
  mutant(
    'the friends feed shows what friends share of somebody whom the viewer mutes',
    { tests: 'subgraphs/query/src/views', named: 'leaves a share by a friend out' },
    'subgraphs/query/src/hydrate.ts',
    'loadTextMutes(loaders, [item?.actor, post?.author], [thread]);',
    'loadTextMutes(loaders, [item?.actor], [thread]);',
  ),
  mutant(
    'a live feed is not told of a mute',
    { tests: 'tests/query/feed-events', named: 'tell the one who mutes' },
    'subgraphs/query/src/live/feed-changes.ts',
    '    ...muted.map(bounded),\n',
    '',
  ),
  mutant(
    'changes of the muted are told',
    { tests: 'tests/query/feed-events', named: 'tell the one who mutes' },
    'subgraphs/query/src/live/feed-facts.ts',
    'isMuted(await loadMutes(loaders, [author],',
    'isMuted(await loadMutes(loaders, [],',
  ),
  mutant(
    'the list of mutes has those of everybody',
    { tests: 'tests/e2e/mutes', named: 'keeps away what comes unasked' },
    'subgraphs/query/src/reads/viewers-list.ts',
    '{ actor: viewer, active: true }',
    '{ active: true }',
  ),
  mutant(
    'a muted word shows in what comes unasked',
    byTable,
    rules,
    'isMuted(facts) || hasMutedWord(facts);',
    'isMuted(facts);',
  ),
  mutant(
    'a muted word does not end by itself',
    byTable,
    rules,
    'words.filter(({ ends }) => ends > now)',
    'words.filter(({ ends }) => ends > 0 * now)',
  ),
  mutant(
    'viewers mute their own words',
    { tests: 'subgraphs/query/src/views', named: 'what the model says' },
    rules,
    ' || post.author === viewer) return false;',
    ') return false;',
  ),
  mutant(
    'the friends feed shows threads that the viewer mutes',
    { tests: 'subgraphs/query/src/views', named: 'what the model says' },
    'subgraphs/query/src/hydrate.ts',
    '[item?.actor, post?.author], [thread]);',
    '[item?.actor, post?.author], [thread && undefined]);',
  ),
  mutant(
    'muted threads notify',
    { tests: 'subgraphs/query/src/notifications/notifications', named: 'are what the model says' },
    'subgraphs/query/src/hydrate.ts',
    'hydrateReply(loaders, id, { inThread: true });',
    'hydrateReply(loaders, id);',
  ),
  mutant(
    'a muted word matches parts of words',
    { tests: 'packages/read-models/src/text/muted-words', named: 'a muted word' },
    'packages/read-models/src/text/muted-words.ts',
    'word.replaceAll(inWords, `$' + '{border}$&$' + '{border}`)',
    "word.replaceAll(inWords, '$&')",
  ),
  mutant(
    'invisible characters hide a muted word',
    { tests: 'packages/read-models/src/text/muted-words', named: 'a muted word' },
    'packages/read-models/src/text/muted-words.ts',
    "fold(text.replaceAll(/\\p{Default_Ignorable_Code_Point}/gu, ''))",
    'fold(text)',
  ),
  mutant(
    'a viewer can mute any number of words',
    { tests: 'subgraphs/mutation/src/commands/mute', named: 'is refused if 100 others are muted' },
    'subgraphs/mutation/src/commands/mute.ts',
    'known.length >= maxMutedWords',
    'known.length > maxMutedWords',
  ),
];
