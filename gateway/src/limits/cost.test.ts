import { apiSchemaOf, composeSupergraph } from '@rookery/schema/compose';
import { getOperationAST, getVariableValues, parse, validate } from 'graphql';
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
    weighed(first: Int): [Thing] @COST(weight: 7)
    tags(first: Int): [String] @COST(weight: 7)
    rebate(by: Int @COST(weight: -5)): String @COST(weight: -8)
    dear(by: Int = 2 @COST(weight: -12)): String @COST(weight: 20)
    find(in: Search, how: How): String
    exact(of: Int! = 1): String
    node: Node
    item: Item
  }
  input Search { deep: Int @COST(weight: 500) more: [Search!] }
  enum How @COST(weight: 40) { SLOWLY }
  interface Node {
    id: ID heavy: String sized(n: Int): [Item]
    many(n: Int): [Item] @SIZE(slicingArguments: ["n"])
  }
  type Item implements Node {
    id: ID heavy: String @COST(weight: 300) sized(n: Int): [Item] @SIZE(slicingArguments: ["n"])
    many(n: Int): [Item]
  }
  type Cheap implements Node { id: ID heavy: String sized(n: Int): [Item] many(n: Int): [Item] }
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
  const { coerced = {} } = getVariableValues(within.schema, operation.variableDefinitions ?? [], variables);
  return operationCost(document, operation, coerced, within);
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
  ['a fragment that is spread twice', '{ ...F ...F } fragment F on Query { one { id } }', 1],
  ['a field that is selected twice', '{ one { id } one { things(first: 2) { id } } }', 3],
  ['a list with a weight: once, and its items', '{ weighed(first: 5) { id } }', 7 + 5],
  ['a list of leaves with a weight', '{ tags(first: 5) }', 7],
  ['a field and an argument that are cheaper than nothing', '{ rebate(by: 1) heavy one { id } }', 0 + 7 + 1],
  ['an argument that makes its own field cheaper', '{ dear(by: 1) }', 20 - 12],
  ['an argument left at its default', '{ dear }', 20 - 12],
  ['an argument that is null', '{ dear(by: null) }', 20],
  ['an input field', '{ find(in: { deep: 1 }) }', 500],
  ['a default of an input field', '{ find(in: {}) }', 0],
  [
    'nested input fields, in lists and alone',
    '{ find(in: { more: [{ deep: 1 } { more: { deep: 2 } }] }) }',
    1000,
  ],
  ['an enum with a weight', '{ find(how: SLOWLY) }', 40],
  ['the most expensive that an interface can be', '{ node { heavy sized(n: 9) { id } } }', 1 + 300 + 9],
  ['an object through its interface', '{ item { ... on Node { heavy sized(n: 90) { id } } } }', 1 + 300 + 90],
  ['one type of an interface', '{ node { ... on Cheap { heavy } } }', 1],
  ['types that exclude one another', '{ node { ... on Cheap { a: id } ... on Item { heavy } } }', 301],
  ['what the interface alone says how long it is', '{ node { ... on Item { many(n: 4) { id } } } }', 1 + 4],
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

test('input fields cost the same in variables', () => {
  const whole = 'query ($in: Search) { find(in: $in) }';
  expect(costOf(whole, { in: { deep: 1, more: [{ deep: 2 }] } })).toBe(1000);
  expect(costOf('query ($in: Search = { deep: 1 }) { find(in: $in) }')).toBe(500);
  expect(costOf('query ($deep: Int = 3) { find(in: { deep: $deep }) }')).toBe(500);
  expect(costOf('query ($deep: Int) { find(in: { deep: $deep }) }')).toBe(0);
});

test('a null variable in a non-null position is refused, although validation accepts it', () => {
  const query = 'query ($n: Int) { exact(of: $n) }';
  expect(costOf(query)).toBe(0);
  expect(() => costOf(query, { n: null })).toThrow(
    expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT', field: 'of' } }),
  );
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
  // The processor's time: what else runs on the machine is not in it.
  const before = process.threadCpuUsage();
  const document = parse(query);
  const operation = getOperationAST(document);
  if (!operation) throw new Error('no operation');
  expect(operationCost(document, operation, {}, model)).toBeGreaterThan(1e30);
  const { user, system } = process.threadCpuUsage(before);
  expect((user + system) / 1_000).toBeLessThan(50);
});
