import { type Mutant, mutant } from './define.ts';

const rules = 'packages/read-models/src/friends-feed-rules.ts';
const byTable = {
  tests: 'packages/read-models/src/friends-feed-rules',
  named: 'unless the viewer leaves it out',
};
const byEvents = { tests: 'tests/query/feed-events', named: 'tell of what the reader does' };

/** Mistakes in what the reader of a friends feed has decided about it. */
export const friendsFeedChoiceMutants: readonly Mutant[] = [
  mutant(
    'the friends feed asks nobody about own items',
    byTable,
    rules,
    "? showsPart(facts.settings, 'OWN_ITEMS')",
    '? true',
  ),
  mutant(
    'a choice about shares hides posts as well',
    byTable,
    rules,
    "facts.item?.verb === 'SHARE' && facts.hiddenShares",
    'facts.hiddenShares',
  ),
  mutant(
    'replies to everybody are in the friends feed',
    byTable,
    rules,
    '!isKnown && !belongsInFriendsFeed(facts.answeredFollow)',
    'isKnown && !belongsInFriendsFeed(facts.answeredFollow)',
  ),
  mutant(
    'replies to the viewer are left out',
    byTable,
    rules,
    '(author === facts.viewer || author === facts.item?.actor)',
    'author === facts.item?.actor',
  ),
  mutant(
    'the rules do not know whom a reply answers',
    { tests: 'subgraphs/query/src/views', named: 'is what the model says' },
    'subgraphs/query/src/hydrate.ts',
    "loaders.posts.load(post?.inReplyTo ?? '')",
    "loaders.posts.load(post?.author ?? '')",
  ),
  mutant(
    'an older choice replaces a newer one',
    { tests: 'packages/read-models/src/projections/lists', named: 'is the newest for each part' },
    'packages/read-models/src/projections/friends-feed-choices.ts',
    'newer(version, parts[part]?.version ?? null)',
    'newer(version, null)',
  ),
  mutant(
    'a live feed is not told of a choice',
    byEvents,
    'subgraphs/query/src/live/feed-changes.ts',
    '    bounded(chosen),\n',
    '',
  ),
  mutant(
    'nobody wakes the live feed of somebody who posts',
    byEvents,
    'projector/src/fan-out.ts',
    'own friends feed has the item, too.\n    topics.add(',
    'own friends feed has the item, too.\n    if (limit < 0) topics.add(',
  ),
];
