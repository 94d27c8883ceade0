import { type Mutant, mutant } from './define.ts';

/** Mistakes in what reads answer, and in what they keep. */
export const readMutants: readonly Mutant[] = [
  mutant(
    'a page holds as many large texts as it is asked for',
    { tests: 'tests/query/answer-size', named: 'fit whatever is asked for' },
    'subgraphs/query/src/answer-size/allowance.ts',
    'if (used + bytes > (count === 0 ? left : pageBytes)) break;',
    '',
  ),
  mutant(
    'a deleted post of a hidden author says what it answered',
    { tests: 'tests/query/threads', named: 'byte for byte as one that never was' },
    'packages/read-models/src/visibility.ts',
    'isAuthored(facts) && isGone(facts) && mayKnowUser(facts.author) &&',
    'isAuthored(facts) && isGone(facts) &&',
  ),
  mutant(
    'an item that is switched off may be seen',
    { tests: 'tests/query/friends-feed', named: 'shows nothing that is denied' },
    'packages/read-models/src/visibility.ts',
    '  facts.item?.active === true &&',
    '  facts.item !== undefined &&',
  ),
  mutant(
    'a cursor is believed unsigned',
    { tests: 'packages/graphql-server/src/cursor', named: 'are refused after any change' },
    'packages/graphql-server/src/cursor.ts',
    'timingSafeEqual(given, mac(secret, kind, owner, position))',
    'timingSafeEqual(given, given)',
  ),
  mutant(
    'whoever reads their own write does not wait for the projections',
    { tests: 'tests/query/own-writes', named: 'waits until every projection has applied the activity' },
    'subgraphs/query/src/read-after.ts',
    'if (unknown.size === 0 && now.upTo() >= wanted) return true;',
    'if (unknown.size === 0 && now.upTo() >= 0) return true;',
  ),
  mutant(
    'an error says what went wrong within',
    { tests: 'packages/graphql-server/src/errors', named: 'masks anything else' },
    'packages/graphql-server/src/errors.ts',
    "    message: 'Something went wrong on our side.',\n    ...position,",
    '    message: formatted.message,\n    ...position,',
  ),
  {
    name: 'the documents read by each request are kept forever',
    caughtBy: { fault: 'never-reading-socket', breaks: 'I10' },
    spoils: [
      {
        file: 'subgraphs/query/src/context.ts',
        find: '  const loaders = createLoaders(reader, base.viewer);',
        replace: '  const loaders = createLoaders(reader, base.viewer);\n  kept.push(loaders);',
      },
      {
        file: 'subgraphs/query/src/context.ts',
        find: 'export const createContext = (',
        replace: 'const kept: Loaders[] = [];\nexport const createContext = (',
      },
    ],
  },
];
