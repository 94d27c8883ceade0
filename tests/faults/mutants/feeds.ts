import { type Mutant, mutant } from './define.ts';

/** Mistakes in how feeds and lists change. */
export const feedMutants: readonly Mutant[] = [
  mutant(
    'a repeated share keeps its first position',
    {
      tests: 'projector/src/projections/relation',
      named: 'has the position at which it was last switched on',
    },
    'projector/src/projections/relation.ts',
    'const current = ons.filter((act) => isAfter(off, act));',
    'const current = newest && isAfter(off, newest) ? ons : [];',
  ),
  mutant(
    'a feed keeps an item at its first position',
    { tests: 'tests/stores/feeds', named: 'moves an item that is added at another position' },
    'packages/stores/src/feeds/scripts.ts',
    "redis.call('ZADD', key, ARGV[3], ARGV[2])",
    "redis.call('ZADD', key, 'LT', ARGV[3], ARGV[2])",
  ),
  mutant(
    'an entry is shown although its item has moved',
    { tests: 'tests/query/friends-feed', named: 'a share that moves to the top' },
    'subgraphs/query/src/hydrate.ts',
    'if (item?.position !== position) return undefined;',
    'if (!item || position < 0) return undefined;',
  ),
  mutant(
    'the cursor of an empty page is the position of the projections after it was read',
    { tests: 'tests/query/empty-pages', named: 'misses nothing that is published while it is read' },
    'subgraphs/query/src/reads/friends-feed.ts',
    'return { slice, upTo: progress.upTo(feedProjections) };',
    'return { slice, upTo: (await context.progress()).upTo(feedProjections) };',
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
    'if (changed !== undefined) await',
    'if (changed !== undefined && changed < 0) await',
  ),
];
