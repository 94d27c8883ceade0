import { type Mutant, mutant } from './define.ts';

/** Mistakes in how feeds and lists change. */
export const feedMutants: readonly Mutant[] = [
  mutant(
    'a repeated share keeps its first position',
    {
      tests: 'packages/read-models/src/projections/relation',
      named: 'has the position at which it was last switched on',
    },
    'packages/read-models/src/projections/relation.ts',
    'const current = ons.filter((act) => isAfter(off, act));',
    'const current = newest && isAfter(off, newest) ? ons : [];',
  ),
  mutant(
    'a feed keeps an item at its first position',
    { tests: 'tests/stores/feeds', named: 'moves an item that is added at another position' },
    'packages/feeds/src/scripts.ts',
    "redis.call('ZADD', key, ARGV[3], ARGV[2])",
    "redis.call('ZADD', key, 'LT', ARGV[3], ARGV[2])",
  ),
  mutant(
    'an entry is shown although its item has moved',
    { tests: 'tests/query/friends-feed', named: 'a share that moves to the top' },
    'subgraphs/query/src/visibility.ts',
    'facts.item?.position === facts.foundAt && maySeeItem(facts);',
    'maySeeItem(facts);',
  ),
  mutant(
    'the cursor of an empty page is the position of the projections after it was read',
    { tests: 'tests/query/empty-pages', named: 'misses nothing that is published while it is read' },
    'subgraphs/query/src/reads/friends-feed.ts',
    'return { page, upTo };',
    'return { page, upTo: (await context.progress()).upTo(feedProjections) };',
  ),
  mutant(
    'nobody is told what becomes of a post that a friend has shared',
    { tests: 'tests/query/feed-events', named: 'are told live' },
    'subgraphs/query/src/live/feed-changes.ts',
    'item?.changed !== undefined && item.changed > from',
    'item?.changed !== undefined && item.changed < 0',
  ),
  mutant(
    'changes of an item do not reach the feeds in Redis',
    { tests: 'tests/query/feed-events', named: 'are told live' },
    'projector/src/feed-writes.ts',
    'doc.changed === undefined ? []',
    'doc.changed === undefined || doc.changed > 0 ? []',
  ),
  mutant(
    'a page backwards comes in the order in which it was read',
    { tests: 'subgraphs/query/src/page.test', named: 'gives the page that the specification gives' },
    'subgraphs/query/src/page.ts',
    'rows: isForward ? rows : rows.toReversed(),',
    'rows,',
  ),
  mutant(
    'what lies before a page is looked for after it',
    { tests: 'tests/query/pages', named: 'has the pages of the specification' },
    'subgraphs/query/src/page.ts',
    'isShown(after, opposite(source.order))',
    'isShown(after, source.order)',
  ),
  mutant(
    'a page backwards shows what the projections have not all reached',
    { tests: 'tests/query/pages', named: 'ends at the position of the projections' },
    'subgraphs/query/src/reads/friends-feed.ts',
    'entry.position <= upTo ? [',
    'entry.position > 0 ? [',
  ),
  mutant(
    'anybody gets the edge of an item that somebody else has added',
    { tests: 'tests/query/node', named: 'is null for everybody else' },
    'subgraphs/query/src/reads/edges.ts',
    'item?.actor !== viewer ||',
    '!item ||',
  ),
  mutant(
    'bookmarks of everybody are listed',
    { tests: 'tests/attacks/bookmarks', named: 'bookmarks show to nobody but their owner' },
    'subgraphs/query/src/reads/viewers-posts.ts',
    '{ actor: viewer, active: true }',
    '{ active: true }',
  ),
];
