import { type Mutant, mutant } from './define.ts';

const tests = 'tests/projector/audiences';

/** Mistakes in finding the held feeds that get an author's items. */
export const audienceMutants: readonly Mutant[] = [
  mutant(
    'a follow does not join the audience',
    { tests, named: 'lack no item' },
    'projector/src/audiences.ts',
    'for (const keyOf of keysOf) await joinHeld(stores, follows, keyOf, held);',
    '',
  ),
  mutant(
    'an audience that Redis does not hold is taken for empty',
    { tests, named: 'costs what the held feeds of the followers cost' },
    'projector/src/audiences.ts',
    'if (audience) found.set(one, audience);',
    'found.set(one, audience ?? { size: 0, members: [] });',
  ),
  mutant(
    'an audience is ready although feeds could not join while it was built',
    { tests: 'tests/stores/audiences', named: 'takes feeds from its beginning on' },
    'packages/feeds/src/audience-scripts.ts',
    "if redis.call('ZSCORE', key, 'next') then",
    "if redis.call('ZSCORE', key, 'ready') then",
  ),
  mutant(
    'a feed that joins again while it is dropped is lost',
    { tests: 'tests/stores/audiences', named: 'keeps a feed that joins again' },
    'packages/feeds/src/audience-scripts.ts',
    'if score and tonumber(score) == tonumber(ARGV[i + 1]) then',
    'if score then',
  ),
  mutant(
    'an audience that is asked for with others is read from their beginning',
    { tests: 'tests/stores/audiences', named: 'whoever asks at the same time' },
    'packages/feeds/src/audience-scripts.ts',
    "'(' .. ARGV[2 * i + 1]",
    "'(' .. ARGV[3]",
  ),
  mutant(
    'what is added together goes to the feeds of the first author',
    { tests: 'tests/stores/feeds.test', named: 'at the same time as to others' },
    'packages/feeds/src/scripts.ts',
    'at, key_at = last + 1, key_at + keys',
    'at = last + 1',
  ),
  mutant(
    'a follow reads the items of the author for nobody',
    { tests, named: 'reads the items of the author only if' },
    'projector/src/feed-writes.ts',
    'all.filter(({ actor }) => held.has(feedKey(actor, epoch))),\n    ({ object })',
    'all,\n    ({ object })',
  ),
  mutant(
    'items of an author with too many held feeds are left out unmarked',
    { tests, named: 'is left to be merged at read, and marked before' },
    'projector/src/feed-writes.ts',
    'await markHighFanOut(writer.documents, new Set(unmarked));',
    '',
  ),
  mutant(
    'a feed that is filled joins no audience',
    { tests: 'tests/query/friends-feed', named: 'joins the audiences of those whom its reader follows' },
    'subgraphs/query/src/candidates.ts',
    'await join(authors.map((author) => keyOf(field)(author, progress.epoch)));',
    'await join(authors.slice(authors.length));',
  ),
  mutant(
    'a feed that is held no more stays in the audience',
    { tests, named: 'drops a feed that is not held any more' },
    'projector/src/feed-writes.ts',
    'members.filter(({ feed }) => gone.has(feed)),',
    'members.filter(({ feed }) => feed === undefined),',
  ),
  mutant(
    'the first post of an author with many followers reads them all',
    { tests: 'tests/projector/projector', named: 'read none of their followers' },
    'projector/src/feed-writes.ts',
    'await readHeldAudiences(writer',
    'await (writer.cap > 0 ? readAudiences : readHeldAudiences)(writer',
  ),
];
