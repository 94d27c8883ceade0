const many = (count: number, text: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => text(n)).join(' ');

/** So many levels of fields. */
export const nested = (depth: number): string =>
  `{ post(id: "1") ${'{ inReplyTo '.repeat(depth - 2)}{ id } ${'}'.repeat(depth - 1)}`;
export const aliases = (count: number): string => many(count, (n) => `a${n}: id`);
export const typenames = (count: number): string => many(count, () => '__typename');
export const skips = (count: number): string => many(count, () => 'id @skip(if: false)');
/** As many operations, Q0 and so on, as have this number of tokens together; five each. */
export const operationsOf = (tokens: number): string => many(tokens / 5, (n) => `query Q${n} { __typename }`);
/** Costs 905, and one more for each item of the last page and one for the page. */
export const pages = (last: number): string =>
  `{ ${many(4, (n) => `a${n}: friendsFeed(first: 100) { edges { node { id } } }`)} b: friendsFeed(first: 100) { edges { cursor } } c: friendsFeed(first: ${last}) { edges { cursor } } }`;

/** Documents that are small, or look harmless, and cost much more than that. Valid but for their size. */
export const oversized: readonly (readonly [what: string, query: string])[] = [
  ['depth 50', nested(50)],
  ['1,000 aliases', `{ ${many(1_000, (n) => `a${n}: __typename`)} }`],
  ['100 aliases', `{ me { ${many(100, (n) => `a${n}: id`)} } }`],
  ['10,000 directives', `{ me { id ${many(10_000, () => '@skip(if: false)')} } }`],
  ['100 directives in many places', `{ me { ${many(100, () => 'id @skip(if: false)')} } }`],
  ['a fragment cycle', '{ me { ...A } } fragment A on User { id ...B } fragment B on User { ...A }'],
  [
    'exponential fragments',
    `{ me { ...F0 } } ${many(100, (n) => `fragment F${n} on User { ...F${n + 1} ... { ...F${n + 1} } }`)} fragment F100 on User { id }`,
  ],
  [
    'exponential fragments through fields',
    `{ post(id: "1") { ...F0 } } ${many(8, (n) => `fragment F${n} on Post { inReplyTo { ...F${n + 1} } author { feed { edges { node { post { ...F${n + 1} } } } } } }`)} fragment F8 on Post { id }`,
  ],
  ['1,900 times the same field', `{ me { ${'id '.repeat(1_900)} } }`],
  ['100,000 tokens', `{ me { ${'id '.repeat(80_000)} } }`.slice(0, 240_000)],
  ['60,000 brackets', '{'.repeat(60_000)],
  ['11 root fields', `{ ${many(11, (n) => `a${n}: me { id }`)} }`],
  [
    'pages of pages',
    '{ friendsFeed(first: 100) { edges { node { post { replies(first: 100) { edges { node { id } } } } } } } }',
  ],
];
