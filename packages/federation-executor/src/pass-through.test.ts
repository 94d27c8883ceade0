import type { FetchNode, QueryPlan } from '@apollo/query-planner';
import { buildSchema, getOperationAST, parse } from 'graphql';
import { expect, test } from 'vitest';
import type { Variant } from './operation-plans.ts';
import { PassThroughRules } from './pass-through.ts';

const visible = `
  type Query { post(id: ID, at: Int = 1): Post feed: [Item!]! named: Named }
  interface Named { name: String }
  union Item = Post | User
  enum Color { RED GREEN }
  enum Kind { SMALL }
`;
const types = `
  type User implements Named { id: ID! name: String }
  type Post { id: ID! body: String author: User color: Color kind: Kind }
`;
const schema = buildSchema(`${visible}${types}`);
/** With what clients do not see: a value of an enum, and a type of an interface. */
const supergraphSchema = buildSchema(
  `${visible.replace('SMALL', 'SMALL SECRET')}${types} type Robot implements Named { name: String }`,
);
const rules = new PassThroughRules(schema, supergraphSchema, parse('type Query { a: Int }'));

const fetchNode = (operation: string, more: Partial<FetchNode> = {}): FetchNode => ({
  kind: 'Fetch',
  serviceName: 'posts',
  operation,
  operationName: undefined,
  operationKind: 'query' as FetchNode['operationKind'],
  ...more,
});

interface Given {
  readonly variables?: Record<string, unknown>;
  readonly variant?: Partial<Variant>;
  readonly with?: PassThroughRules;
}

/** Returns whether the answer to a fetch of a plan is the answer to a query. */
const passes = (query: string, node: QueryPlan['node'], given: Given = {}): boolean => {
  const document = parse(query);
  const operation = getOperationAST(document);
  if (!operation) throw new Error('no operation');
  const variant = {
    plan: { kind: 'QueryPlan', node },
    names: { clientNames: new Map() },
    readBacks: undefined,
    ...given.variant,
  } as unknown as Variant;
  const { variables = {}, with: those = rules } = given;
  return those.fetchOf({ document, operation, variables, variant }) !== undefined;
};

test.each([
  ['the same selections', '{ post { id body } }', '{post{id body}}', true],
  ['another order', '{ post { body id } }', '{post{id body}}', false],
  ['a field that only the plan needs', '{ post { body } }', '{post{__typename body}}', false],
  ['a field that the plan leaves out', '{ post { id body } }', '{post{id}}', false],
  ['another alias', '{ post { a: id } }', '{post{id}}', false],
  ['the same alias', '{ post { a: id } }', '{post{a:id}}', true],
  ['the same arguments', 'query($i: ID) { post(id: $i) { id } }', 'query($i:ID){post(id:$i){id}}', true],
  ['other arguments', '{ post(at: 2) { id } }', '{post(at:3){id}}', false],
  [
    'fragments that are written out and merged at the first of their fields',
    '{ post { author { id } ...P } } fragment P on Post { body ... { author { name } } }',
    '{post{author{id name}body}}',
    true,
  ],
  [
    'a fragment that is written out at another place',
    '{ post { ...P id } } fragment P on Post { body }',
    '{post{id body}}',
    false,
  ],
  ['a type name', '{ post { __typename id } }', '{post{__typename id}}', true],
  [
    'a type name at the root, which subgraphs call as they like',
    '{ __typename post { id } }',
    '{__typename post{id}}',
    false,
  ],
  ['the schema', '{ __schema { queryType { name } } }', '{post{id}}', false],
  [
    'a union by its types',
    '{ feed { __typename ... on Post { id } ... on User { name } } }',
    '{feed{__typename ...on Post{id}...on User{name}}}',
    true,
  ],
  [
    'a union by its types in another order',
    '{ feed { __typename ... on User { name } ... on Post { id } } }',
    '{feed{__typename ...on Post{id}...on User{name}}}',
    false,
  ],
  [
    'a fragment on an interface of the type',
    '{ post { author { ... on Named { name } } } }',
    '{post{author{name}}}',
    true,
  ],
  ['an enum', '{ post { color } }', '{post{color}}', true],
  ['an enum with a value that clients do not see', '{ post { kind } }', '{post{kind}}', false],
  [
    'an interface with a type that clients do not see',
    '{ named { __typename name } }',
    '{named{__typename name}}',
    false,
  ],
])('%s', (_what, query, operation, expected) => {
  expect(passes(query, fetchNode(operation))).toBe(expected);
});

test('conditions count as they are decided', () => {
  const query = 'query ($a: Boolean!) { post { id body @include(if: $a) } }';
  expect(passes(query, fetchNode('{post{id}}'), { variables: { a: false } })).toBe(true);
  expect(passes(query, fetchNode('{post{id}}'), { variables: { a: true } })).toBe(false);
  expect(passes(query, fetchNode('{post{id body}}'), { variables: { a: true } })).toBe(true);
  expect(passes(query, fetchNode('{post{id}}'), { variables: { a: null } })).toBe(false);
  // The plan needs something to select; the answer is an empty object.
  expect(passes('{ post { id @skip(if: true) } }', fetchNode('{post{__typename}}'))).toBe(false);
});

test('of a supergraph with interface objects no interface or union passes', () => {
  const supergraph = parse(
    'directive @join__type(isInterfaceObject: Boolean) on INTERFACE interface Named @join__type(isInterfaceObject: true) { name: String }',
  );
  const careful = new PassThroughRules(schema, schema, supergraph);
  const [query, operation] = ['{ feed { __typename } }', '{feed{__typename}}'];
  expect(passes(query, fetchNode(operation), { with: careful })).toBe(false);
  expect(passes(query, fetchNode(operation))).toBe(true);
  expect(passes('{ post { id } }', fetchNode('{post{id}}'), { with: careful })).toBe(true);
});

test('nothing passes that the executor would change, or of which it makes more than one fetch', () => {
  const [query, node] = ['{ post { id } }', fetchNode('{post{id}}')];
  expect(passes(query, node)).toBe(true);
  expect(passes(query, { kind: 'Sequence', nodes: [node] })).toBe(false);
  expect(passes(query, fetchNode('{post{id}}', { requires: [] }))).toBe(false);
  const rewrite = { kind: 'KeyRenamer' as const, path: ['post'], renameKeyTo: 'p' };
  expect(passes(query, fetchNode('{post{id}}', { outputRewrites: [rewrite] }))).toBe(false);
  expect(passes(query, fetchNode('{post{id}}', { inputRewrites: [rewrite] }))).toBe(false);
  const names = { clientNames: new Map([['_0_id', 'id']]) } as unknown as Variant['names'];
  expect(passes(query, node, { variant: { names } })).toBe(false);
  expect(passes(query, undefined)).toBe(false);
});
