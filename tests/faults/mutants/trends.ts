import { type Mutant, mutant } from './define.ts';

const projection = 'packages/read-models/src/projections/trends.ts';
const byProjection = (named: string) => ({ tests: 'packages/read-models/src/projections/trends', named });
const byAttack = (named: string) => ({ tests: 'tests/attacks/trends', named });

/** Mistakes in what is trending. */
export const trendMutants: readonly Mutant[] = [
  mutant(
    'posts for followers, or by protected accounts, count as uses of their hashtags',
    { tests: 'packages/read-models/src/audience-table', named: 'counts as a use' },
    'packages/read-models/src/visibility.ts',
    'maySeeFound(facts) && isForEverybody(facts.post, facts.author)',
    'maySeeFound(facts)',
  ),
  mutant(
    'a barred hashtag trends',
    byAttack('that a moderator bars'),
    'packages/read-models/src/visibility.ts',
    'bar?.barred !== true',
    'bar?.barred !== undefined || bar === undefined',
  ),
  mutant(
    'the first act of a moderator about a hashtag decides',
    { tests: 'packages/read-models/src/projections/merge-laws', named: '' },
    'packages/read-models/src/projections/barred-hashtags.ts',
    'doc && !newer(version, doc.version)',
    'doc',
  ),
  mutant(
    'posts for few people have a part in the sample of a hashtag',
    byProjection('in a post for followers'),
    projection,
    'data.visibility === undefined\n      ?',
    'data.body !== undefined\n      ?',
  ),
  mutant(
    'one account makes a trend by many posts',
    byProjection('by the number of people, and not of posts'),
    projection,
    'event.actor}`)',
    'event.id}`)',
  ),
  mutant(
    'a clock that is ahead ends the trends of others',
    byProjection('by a clock that is a century ahead'),
    projection,
    'Math.min(Date.parse(event.time), Date.parse(recordedAt))',
    'Math.max(Date.parse(event.time), Date.parse(recordedAt))',
  ),
  mutant(
    'a new hour forgets the people of the one before',
    byProjection('has exactly the people of the window'),
    projection,
    'previous: newest === period + 1 ? current : []',
    'previous: []',
  ),
  mutant(
    'people of two samples count twice',
    { tests: 'packages/read-models/src/people-sample', named: 'counts nobody twice' },
    'packages/read-models/src/people-sample.ts',
    'Map.groupBy(samples.flat(), ({ hash }) => hash)',
    'Map.groupBy(samples.flat(), (person) => person.hash + samples.findIndex((all) => all.includes(person)))',
  ),
  mutant(
    'a hashtag that one visible person uses is trending',
    byAttack('of people behind a block'),
    'subgraphs/query/src/reads/trending-hashtags.ts',
    'usage.seen >= minPeople',
    'usage.seen > 0',
  ),
  mutant(
    'a post counts for a hashtag that an edit has taken away',
    byAttack('edited away'),
    'subgraphs/query/src/reads/hashtag-usage.ts',
    '.filter(({ name }) => trendKeyOf(name) === key)',
    '.slice(0, 1)',
  ),
];
