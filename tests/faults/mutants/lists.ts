import { type Mutant, mutant } from './define.ts';

const reads = 'subgraphs/query/src/reads/lists.ts';
const byList = { tests: 'tests/e2e/lists', named: 'is named, renamed and deleted' };
const byFeed = { tests: 'tests/e2e/lists', named: 'has a feed of its members' };
const lists = 'packages/read-models/src/projections/lists';

/** Mistakes in lists of accounts. */
export const listMutants: readonly Mutant[] = [
  mutant('a deleted list is there', byList, reads, 'found?.active ?', 'found ?'),
  mutant(
    'commands find deleted lists',
    byList,
    'subgraphs/mutation/src/lookup.ts',
    "return active ? { id } : 'absent';",
    'return { id };',
  ),
  mutant(
    'commands find lists of others',
    { tests: 'tests/attacks/feeds', named: 'a list of accounts is as absent' },
    'subgraphs/mutation/src/lookup.ts',
    "(actor === owner ? { id } : 'absent')",
    '(actor ? { id } : owner ? { id } : { id })',
  ),
  mutant(
    'the feed of a list asks no rule about mutes',
    byFeed,
    'packages/read-models/src/visibility.ts',
    'maySeeEntry(facts) && !isMutedPost(facts);\n\nexport',
    'maySeeEntry(facts);\n\nexport',
  ),
  mutant(
    'the name that a list is created with replaces a later one',
    { tests: lists, named: 'has the newest name' },
    'packages/read-models/src/projections/lists.ts',
    'doc.nameVersion ? doc.name : event.data.name',
    'event.data.name',
  ),
  mutant(
    'a deleted list keeps its name',
    { tests: lists, named: 'has no name once it is deleted' },
    'packages/read-models/src/projections/lists.ts',
    '(doc.deleted ? { name: null, nameVersion: null } : {})',
    '(doc.deleted && doc.list === doc.actor ? { name: null, nameVersion: null } : {})',
  ),
];
