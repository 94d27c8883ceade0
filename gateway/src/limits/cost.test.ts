import { apiSchemaOf, composeSupergraph } from '@rookery/schema/compose';
import { getOperationAST, parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import { operationCost } from './cost.ts';
import { readCostRules } from './cost-rules.ts';

const subgraph = (imports: string) => `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ${imports})
  type Query {
    one: Thing
    name: String
    heavy: String @COST(weight: 7)
    search(for: String @COST(weight: 3), in: Filter): String
    plain: [Thing]
    first(first: Int = 20): [Thing]
    assumed: [Thing] @SIZE(assumedSize: 4)
    page(first: Int = 5, last: Int): Page
      @SIZE(slicingArguments: ["first", "last"], sizedFields: ["edges"], requireOneSlicingArgument: false)
    either: Either
    weighty: Weighty
  }
  type Mutation { change: Thing }
  input Filter { text: String }
  type Page { edges: [Edge] total: Int }
  type Edge { node: Thing }
  type Thing { id: ID things(first: Int): [Thing] }
  type Weighty @COST(weight: 9) { id: ID }
  union Either = Thing | Weighty
`;

const imported = subgraph('["@cost", "@listSize"]')
  .replaceAll('@COST', '@cost')
  .replaceAll('@SIZE', '@listSize');
const prefixed = subgraph('[]')
  .replaceAll('@COST', '@federation__cost')
  .replaceAll('@SIZE', '@federation__listSize');
const renamed = subgraph('[{ name: "@cost", as: "@price" }, { name: "@listSize", as: "@size" }]')
  .replaceAll('@COST', '@price')
  .replaceAll('@SIZE', '@size');

const modelOf = (sdl: string) => {
  const supergraph = composeSupergraph({ things: sdl });
  return {
    schema: apiSchemaOf(supergraph),
    rules: readCostRules(parse(supergraph)),
    limits: { listSize: 10, pageSize: 100 },
  };
};
const model = modelOf(imported);

const costOf = (query: string, variables: Record<string, unknown> = {}, within = model) => {
  const document = parse(query);
  expect(validate(within.schema, document)).toEqual([]);
  const operation = getOperationAST(document);
  if (!operation) throw new Error('no operation');
  return operationCost(document, operation, variables, within);
};

test.each([
  ['a leaf', '{ name }', 0],
  ['an object', '{ one { id } }', 1],
  ['an object within one', '{ one { things(first: 1) { id } } }', 2],
  ['a field with a weight', '{ heavy }', 7],
  ['an argument with a weight', '{ search(for: "x") }', 3],
  ['an argument that is not given', '{ search }', 0],
  ['a type with a weight', '{ weighty { id } }', 9],
  ['the heaviest that a union can be', '{ either { __typename } }', 9],
  ['a mutation', 'mutation { change { id } }', 11],
  ['a list of which nothing says how long it is', '{ plain { id } }', 10],
  ['a list with first', '{ first(first: 3) { id } }', 3],
  ['a list with a default for first', '{ first { id } }', 20],
  ['a list that is asked for more than a page', '{ first(first: 1000000000) { id } }', 100],
  ['a list of a negative size', '{ first(first: -1) { id } }', 10],
  ['a list with an assumed size', '{ assumed { id } }', 4],
  ['lists in lists', '{ first(first: 3) { things(first: 4) { id } } }', 15],
  ['a page', '{ page(first: 2) { total edges { node { id } } } }', 1 + 2 * 2],
  ['a page by its default', '{ page { edges { node { id } } } }', 1 + 5 * 2],
  [
    'the greater of several slicing arguments',
    '{ page(first: 2, last: 3) { edges { node { id } } } }',
    1 + 3 * 2,
  ],
  ['introspection', '{ __typename __schema { types { name fields { name } } } }', 0],
  ['aliases', '{ a: one { id } b: one { id } }', 2],
  ['a fragment, as often as it is spread', '{ ...F ...F } fragment F on Query { one { id } }', 2],
  [
    'a page through fragments',
    '{ page(first: 2) { ...P } } fragment P on Page { edges { ... { node { id } } } }',
    5,
  ],
])('%s', (_what, query, cost) => {
  expect(costOf(query)).toBe(cost);
});

test('a fragment on pages of several sizes is counted for each', () => {
  const query =
    '{ a: page(first: 2) { ...P } b: page(first: 50) { ...P } } fragment P on Page { edges { node { id } } }';
  expect(costOf(query)).toBe(1 + 4 + 1 + 100);
});

test('sizes come from variables, and their defaults', () => {
  const query = 'query ($n: Int = 7) { first(first: $n) { id } }';
  expect(costOf(query)).toBe(7);
  expect(costOf(query, { n: 9 })).toBe(9);
  expect(costOf(query, { n: null })).toBe(20);
});

test('what is left out costs nothing', () => {
  const query = 'query ($on: Boolean!) { one @include(if: $on) { id } two: one @skip(if: $on) { id } }';
  expect(costOf(query, { on: true })).toBe(1);
  expect(costOf(query, { on: false })).toBe(1);
  expect(
    costOf('{ ... @skip(if: true) { heavy } ...F @include(if: false) } fragment F on Query { heavy }'),
  ).toBe(0);
});

test.each([
  ['behind the prefix', prefixed],
  ['under other names', renamed],
])('the directives are found %s', (_how, sdl) => {
  const other = modelOf(sdl);
  expect(costOf('{ heavy page(first: 2) { edges { node { id } } } }', {}, other)).toBe(7 + 1 + 4);
  expect(costOf('{ search(for: "x") assumed { id } }', {}, other)).toBe(3 + 4);
});

test('exponential fragments are counted in linear time', () => {
  const fragments = Array.from(
    { length: 60 },
    (_, n) =>
      `fragment F${n} on Thing { a: things(first: 2) { ...F${n + 1} } b: things(first: 2) { ...F${n + 1} } }`,
  );
  const query = `{ one { ...F0 } } ${fragments.join(' ')} fragment F60 on Thing { id }`;
  const before = performance.now();
  const document = parse(query);
  const operation = getOperationAST(document);
  if (!operation) throw new Error('no operation');
  expect(operationCost(document, operation, {}, model)).toBeGreaterThan(1e30);
  expect(performance.now() - before).toBeLessThan(50);
});
