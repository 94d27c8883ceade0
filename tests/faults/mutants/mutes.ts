import { type Mutant, mutant } from './define.ts';

const rules = 'packages/read-models/src/visibility.ts';
const byTable = { tests: 'packages/read-models/src/visibility-table', named: 'is shown unless' };

/** Mistakes in what a mute keeps away. */
export const muteMutants: readonly Mutant[] = [
  mutant(
    'the friends feed asks no rule about mutes',
    byTable,
    rules,
    'belongsInFriendsFeed(facts.follow) && !isMuted(facts);',
    'belongsInFriendsFeed(facts.follow);',
  ),
  mutant(
    'replies and hashtags ask no rule about mutes',
    byTable,
    rules,
    'maySeePost(facts) && !isMuted(facts);',
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
    'loadMutes(loaders, [item?.actor, post?.author]);',
    'loadMutes(loaders, [item?.actor]);',
  ),
  mutant(
    'a live feed is not told of a mute',
    { tests: 'tests/query/feed-events', named: 'tell the one who mutes' },
    'subgraphs/query/src/live/feed-changes.ts',
    '    bounded(muted),\n',
    '',
  ),
  mutant(
    'changes of the muted are told',
    { tests: 'tests/query/feed-events', named: 'tell the one who mutes' },
    'subgraphs/query/src/live/feed-facts.ts',
    '|| isMuted(mutes);',
    ';',
  ),
  mutant(
    'the list of mutes has those of everybody',
    { tests: 'tests/e2e/mutes', named: 'keeps away what comes unasked' },
    'subgraphs/query/src/reads/viewers-list.ts',
    '{ actor: viewer, active: true }',
    '{ active: true }',
  ),
];
