import {
  buildSchema,
  type FragmentDefinitionNode,
  GraphQLError,
  getOperationAST,
  Kind,
  parse,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { dropReadBackErrors, findReadBacks, readReadBackRules } from './read-back.ts';
import { UnexpectedNullError } from './response-shaper.ts';

const supergraph = (sdl: string) => `
  schema
    @link(url: "https://specs.apollo.dev/link/v1.0")
    @link(url: "https://rookery.invalid/readBack/v1.0", as: "own", import: [{ name: "@readBack", as: "@result" }])
  { query: Query mutation: Mutation }
  directive @link(url: String!, as: String, import: [Import]) repeatable on SCHEMA
  directive @result on FIELD_DEFINITION
  scalar Import
  ${sdl}`;

const sdl = supergraph(`
  type Query { note: Note }
  type Mutation { write: Written many: [Written!] any: Answer ask: Note }
  interface Answer { note: Note }
  type Written implements Answer { id: ID! note: Note @result old: Note }
  type Note { text: String! next: Note also: Written }
`);
const schema = buildSchema(sdl);
const rules = readReadBackRules(parse(sdl));

const treeOf = (query: string) => {
  const document = parse(query);
  const operation = getOperationAST(document);
  if (!operation) throw new Error('no operation');
  const fragments: Record<string, FragmentDefinitionNode> = {};
  for (const each of document.definitions)
    if (each.kind === Kind.FRAGMENT_DEFINITION) fragments[each.name.value] = each;
  return findReadBacks(schema, rules, operation, fragments);
};

const errorAt = (path: (string | number)[], code = 'SERVICE_UNAVAILABLE') =>
  new GraphQLError('x', { path, extensions: { code } });

/** Returns the result of an error at this path. */
const drop = (query: string, path: (string | number)[], data: Record<string, unknown>, code?: string) => {
  const tree = treeOf(query);
  if (!tree) return { data, errors: 1, isStale: false };
  const { errors, isStale } = dropReadBackErrors(tree, { data, errors: [errorAt(path, code)], missing: [] });
  return { data, errors: errors.length, isStale };
};

test('a field that may not be null cannot have @readBack', () => {
  expect([...rules]).toEqual(['Written.note']);
  const wrong = supergraph('type Query { a: Int } type Mutation { a: Int! @result }');
  expect(() => readReadBackRules(parse(wrong))).toThrow('Mutation.a has @readBack');
});

describe('an error below a result', () => {
  const data = () => ({ write: { id: '1', note: { text: 'x', next: null } } });
  const gone = { write: { id: '1', note: null } };

  test.each([
    ['mutation { write { id note { text next { text } } } }'],
    ['mutation { write { id ... on Answer { note { next { text } } } } }'],
    [
      'mutation { write { ...f } write { id } } fragment f on Written { ...g note { text } } fragment g on Answer { note { next { text } } }',
    ],
  ])('makes the whole result null: %s', (query) => {
    expect(drop(query, ['write', 'note', 'next'], data())).toEqual({ data: gone, errors: 0, isStale: true });
  });

  test('is found by the names of the client, and in lists', () => {
    const query = 'mutation { all: many { id n: note { t: text } } }';
    const many = {
      all: [
        { id: '1', n: { t: 'x' } },
        { id: '2', n: { t: 'y' } },
      ],
    };
    expect(drop(query, ['all', 1, 'n', 't'], many)).toEqual({
      data: {
        all: [
          { id: '1', n: { t: 'x' } },
          { id: '2', n: null },
        ],
      },
      errors: 0,
      isStale: true,
    });
  });

  test('is found behind an interface', () => {
    const found = drop('mutation { any { note { text } } }', ['any', 'note', 'text'], {
      any: { note: null },
    });
    expect(found).toMatchObject({ errors: 0, isStale: true });
  });

  test('takes the innermost result alone', () => {
    const query = 'mutation { write { note { text also { note { text } } } } }';
    const nested = { write: { note: { text: 'x', also: { note: { text: 'y' } } } } };
    expect(drop(query, ['write', 'note', 'also', 'note', 'text'], nested).data).toEqual({
      write: { note: { text: 'x', also: { note: null } } },
    });
  });

  test('is no matter of time if the subgraph says that there is nothing', () => {
    const query = 'mutation { write { id note { text } } }';
    expect(drop(query, ['write', 'note'], data(), 'NOT_FOUND')).toEqual({
      data: gone,
      errors: 0,
      isStale: false,
    });
  });

  test.each(['BAD_USER_INPUT', 'FORBIDDEN', 'UNAUTHENTICATED'])('is told if it is %s', (code) => {
    const query = 'mutation { write { id note { text } } }';
    expect(drop(query, ['write', 'note', 'text'], data(), code)).toMatchObject({ errors: 1, isStale: false });
  });
});

test.each([
  ['beside a result', 'mutation { write { note { text } old { text } } }', ['write', 'old', 'text']],
  ['of the command', 'mutation { write { note { text } } ask { text } }', ['write']],
  ['of a mutation without such a field', 'mutation { ask { text } }', ['ask', 'text']],
  ['of a query', '{ note { also { note { text } } } }', ['note', 'also', 'note', 'text']],
])('an error %s is told', (_where, query, path) => {
  expect(drop(query, path, {})).toEqual({ data: {}, errors: 1, isStale: false });
});

test('a null below a result is what the other subgraph meant; a value that is missing is not', () => {
  const tree = treeOf('mutation { write { note { text } } }');
  if (!tree) throw new Error('no tree');
  const data = { write: { note: null } };
  const elsewhere = new UnexpectedNullError(['write', 'old', 'text']);
  for (const [error, isStale] of [
    [new UnexpectedNullError(['write', 'note', 'text']), false],
    [new GraphQLError('A value is missing.', { path: ['write', 'note', 'text'] }), true],
  ] as const) {
    const kept = dropReadBackErrors(tree, { data, errors: [], missing: [error, elsewhere] });
    expect(kept).toMatchObject({ missing: [elsewhere], isStale });
  }
});
