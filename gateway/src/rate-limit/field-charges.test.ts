import { apiSchemaOf, composeSupergraph } from '@rookery/schema/compose';
import { getOperationAST, getVariableValues, parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import { fieldCharges } from './field-charges.ts';
import { readFieldRates } from './rules.ts';

const supergraph = composeSupergraph({
  things: `
    extend schema
      @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@composeDirective"])
      @link(url: "https://rookery.invalid/rateLimit/v1.0", import: ["@rateLimit"])
      @composeDirective(name: "@rateLimit")
    directive @rateLimit(limit: Int!, window: Int!, key: String! = "viewer") repeatable on FIELD_DEFINITION
    type Query { thing: Thing either: Either book: Book log(in: LogIn, as: String = "ada"): String
      @rateLimit(limit: 4, window: 60, key: "as") @rateLimit(limit: 7, window: 9, key: "in.name") }
    input LogIn { name: String = "ada" }
    interface Thing {
      id: ID
      look: String @rateLimit(limit: 9, window: 60)
      search(for: String): String
    }
    type Book implements Thing {
      id: ID
      look: String
      search(for: String): String @rateLimit(limit: 5, window: 60, key: "for")
      read: String @rateLimit(limit: 3, window: 60) @rateLimit(limit: 30, window: 3600)
    }
    type Film implements Thing { id: ID look: String search(for: String): String }
    type Song { read: String @rateLimit(limit: 2, window: 60) }
    union Either = Book | Song
  `,
});
const schema = apiSchemaOf(supergraph);
const rates = readFieldRates(parse(supergraph));

/** Cost by the field and window that it is counted under. */
const charged = (query: string, variables: Record<string, unknown> = {}) => {
  const document = parse(query);
  expect(validate(schema, document)).toEqual([]);
  const operation = getOperationAST(document);
  if (!operation) throw new Error('no operation');
  const { coerced = {} } = getVariableValues(schema, operation.variableDefinitions ?? [], variables);
  const of = { document, operation, variables: coerced, schema, rates, viewer: 'ada', address: '192.0.2.1' };
  return Object.fromEntries(
    fieldCharges(of).map(({ key, cost }) => [key.split(':').slice(1, 3).join(' '), cost]),
  );
};

test.each([
  ['of an object', '{ book { read } }', { 'Book.read 60': 1, 'Book.read 3600': 1 }],
  ['under aliases', '{ book { a: read b: read } }', { 'Book.read 60': 2, 'Book.read 3600': 2 }],
  ['left out', '{ book { read @skip(if: true) } }', {}],
  ['that only one type of an interface limits', '{ thing { search(for: "x") } }', { 'Book.search 60': 1 }],
  ['of that type, by a fragment', '{ thing { ... on Book { search(for: "x") } } }', { 'Book.search 60': 1 }],
  ['of another type, by a fragment', '{ thing { ... on Film { search(for: "x") } } }', {}],
  ['that the interface limits', '{ thing { look } }', { 'Thing.look 60': 1 }],
  ['that the interface of an object limits', '{ book { look } }', { 'Thing.look 60': 1 }],
  [
    'that the interface limits, either way',
    '{ book { look } thing { look ... on Film { look } } }',
    { 'Thing.look 60': 2 },
  ],
  [
    'that is spread twice',
    '{ book { ...F ...F read } } fragment F on Book { read }',
    { 'Book.read 60': 1, 'Book.read 3600': 1 },
  ],
  [
    'of a union, by fragments on the types',
    '{ either { ... on Book { read } ... on Song { read } } }',
    { 'Book.read 60': 1, 'Book.read 3600': 1, 'Song.read 60': 1 },
  ],
  [
    'of a union, by a fragment on an interface',
    '{ either { ...F } } fragment F on Thing { look search(for: "x") }',
    { 'Thing.look 60': 1, 'Book.search 60': 1 },
  ],
])('a field %s', (_what, query, expected) => {
  expect(charged(query)).toEqual(expected);
});

test('through an interface as well one thing has one bucket however it is written', () => {
  const query = 'query ($text: String) { thing { a: search(for: "RO_OK") b: search(for: $text) } }';
  expect(charged(query, { text: 'ro_ok' })).toEqual({ 'Book.search 60': 2 });
});

test('an argument that is left at its default shares the bucket of those who write it', () => {
  const query = `query ($none: String, $as: String = "ADA", $in: LogIn = { name: "Ada" }) {
    a: log(in: {}) b: log(as: "ada", in: { name: "ada" }) c: log(as: $none, in: $in) d: log(as: $as, in: $in)
  }`;
  expect(charged(query)).toEqual({ 'Query.log 60': 4, 'Query.log 9': 4 });
});
