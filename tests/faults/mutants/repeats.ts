import { type Mutant, mutant } from './define.ts';

const rule = 'subgraphs/query/src/repeats.ts';
const items = 'subgraphs/query/src/repeats-reader.ts';
const byPages = { tests: 'tests/query/friends-feed', named: 'comes up once among 40 items' };
const byRuns = { tests: 'subgraphs/query/src/repeats-reader', named: 'what the rule says' };
const byEvents = { tests: 'tests/query/feed-events', named: 'tell of a further share' };

/** Mistakes in the rule that one item stands for several sharers. */
export const repeatMutants: readonly Mutant[] = [
  mutant('a post comes up again after 39 items', byPages, rule, 'at + 1 + repeatWindow', 'at + repeatWindow'),
  mutant(
    'a share names only those who share its post later',
    byPages,
    rule,
    'repeatWindow), at + 1)',
    'repeatWindow), at)',
  ),
  mutant(
    'a page does not look at the items before it',
    byPages,
    items,
    'from: oldest?.position,',
    'from: oldest && undefined,',
  ),
  mutant(
    'an item does not name those who share its post on an earlier page',
    byPages,
    items,
    'from: newest?.position,',
    'from: newest && undefined,',
  ),
  mutant(
    'hidden items count as neighbors',
    { tests: 'tests/attacks/feeds', named: 'a sharer who is hidden' },
    items,
    'showAll(all.view, entries),',
    'showAll({ ...all.view, isVisible: (facts): facts is V => facts !== undefined }, entries),',
  ),
  mutant(
    'hidden items between a share and an earlier item of its post count',
    byRuns,
    items,
    'isUncertain(looked, run.length) ?',
    'looked.length < 0 ?',
  ),
  mutant(
    'hidden items between an item and later shares of its post count',
    byRuns,
    items,
    'if (!isUncertain(looked, newer.rows.length))',
    'if (looked.length >= 0)',
  ),
  mutant(
    'a share is left out for an item that the viewer may not see',
    byRuns,
    'subgraphs/query/src/neighbors.ts',
    'showAll(feed.view, found)',
    'showAll({ ...feed.view, isVisible: (facts): facts is V => facts !== undefined }, found)',
  ),
  mutant(
    'a page takes what was read ahead for all that there is',
    { tests: 'subgraphs/query/src/read-ahead', named: 'is read once for a page' },
    'subgraphs/query/src/read-ahead.ts',
    'entries.length >= limit)) return',
    'entries.length >= 0)) return',
  ),
  mutant(
    'items of the viewer are merged beyond the end of what was read of the others',
    { tests: 'subgraphs/query/src/stretches', named: 'have what both of them have' },
    'subgraphs/query/src/stretches.ts',
    'isLast ? [] :',
    'isLast || entries.length > 0 ? [] :',
  ),
  mutant(
    'a share that is left out is told as a new item',
    byEvents,
    'subgraphs/query/src/live/feed-changes.ts',
    'return repeats ?',
    'return repeats && !item ?',
  ),
  mutant(
    'nobody is told that the share ended by which a post was shown',
    byEvents,
    'subgraphs/query/src/live/feed-changes.ts',
    "sharesPost(await recent(), item.post, itemId) ? { kind: 'RELOAD' }",
    "sharesPost([], item.post, itemId) ? { kind: 'RELOAD' }",
  ),
  mutant(
    'nobody is told that an unfollow brings back what others share',
    byEvents,
    'subgraphs/query/src/live/feed-changes.ts',
    'concernsOthers(context, await recent(), actorId)',
    'concernsOthers(context, [], actorId)',
  ),
];
