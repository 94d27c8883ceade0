import { type Mutant, mutant } from './define.ts';

const rule = 'subgraphs/query/src/repeats.ts';
const items = 'subgraphs/query/src/repeats-reader.ts';
const byPages = { tests: 'tests/query/friends-feed', named: 'comes up once among 40 items' };
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
    "hasShares ? neighbors(all, oldest?.position, 'desc') : [],",
    '[],',
  ),
  mutant(
    'an item does not name those who share its post on an earlier page',
    byPages,
    items,
    'after ??= neighbors(all, newest?.position',
    'after ??= neighbors(all, newest && undefined',
  ),
  mutant(
    'hidden items count as neighbors',
    { tests: 'tests/attacks/feeds', named: 'a sharer who is hidden' },
    items,
    'showAll(all.view, entries),',
    'showAll({ ...all.view, isVisible: (facts): facts is V => facts !== undefined }, entries),',
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
