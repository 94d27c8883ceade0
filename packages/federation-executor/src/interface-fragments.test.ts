import { Supergraph } from '@apollo/federation-internals';
import { QueryPlanner } from '@apollo/query-planner';
import { composeSupergraph } from '@rookery/schema/compose';
import { parse, print, validate } from 'graphql';
import { describe, expect, test } from 'vitest';
import { writeOutFragments } from './interface-fragments.ts';
import { Planner, plannerConfig } from './planner.ts';

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9",
  import: ["@key", "@shareable", "@interfaceObject"])`;
const key = '@key(fields: "id")';
const sdl = composeSupergraph({
  catalog: `${link}
    type Query { media: Media printed: Printed priced: Priced hit: Hit any: Any }
    interface Media ${key} { id: ID! title: String }
    interface Printed implements Media ${key} { id: ID! title: String pages: Int }
    interface Priced { price: Int }
    type Book implements Media & Printed & Priced ${key} { id: ID! title: String pages: Int price: Int }
    type Paper implements Media & Printed ${key} { id: ID! title: String pages: Int }
    type Film implements Media & Priced ${key} { id: ID! title: String price: Int }
    union Hit = Book | Film
    union Any = Book | Paper | Film`,
  reviews: `${link}
    type Query { top: Media tops: [Media] paper: Printed }
    type Media ${key} @interfaceObject { id: ID! rating: Int @shareable next: Media @shareable }
    type Printed ${key} @interfaceObject { id: ID! rating: Int @shareable next: Media @shareable }`,
});
const model = Supergraph.build(sdl);
const api = model.apiSchema().toGraphQLJSSchema();
const schema = model.schema.toGraphQLJSSchema();
const planner = new Planner(new QueryPlanner(model, plannerConfig(parse(sdl))), schema);

const fields: Readonly<Record<string, string>> = {
  Media: 'id title rating',
  Printed: 'id pages rating',
  Priced: 'price',
  Hit: '__typename',
  Any: '__typename',
  Book: 'rating price pages',
};
const places = [
  'media',
  'printed',
  'priced',
  'hit',
  'any',
  'top',
  'tops',
  'paper',
  'top { next',
  'media { next',
];

const written = (text: string): string => {
  const document = parse(text);
  expect(validate(api, document)).toEqual([]);
  const [operation] = document.definitions;
  if (operation?.kind !== 'OperationDefinition') throw new Error('no operation');
  const options = { schema, interfaceObjects: new Set(['Media', 'Printed']) };
  return print(writeOutFragments(document, operation, options)).replaceAll(/\s+/g, ' ');
};

describe('fragments on an interface that is one object elsewhere', () => {
  test.each(places)('of any type in any other can be planned: %s', (place) => {
    let planned = 0;
    for (const one of Object.keys(fields))
      for (const two of ['', ...Object.keys(fields)]) {
        const inside = two === '' ? fields[one] : `... on ${two} { ${fields[two]} }`;
        const query = parse(`{ ${place} { ... on ${one} { ${inside} } } ${place.includes('{') ? '}' : ''} }`);
        if (validate(api, query).length > 0) continue;
        expect(planner.plan(query, undefined).node, print(query)).toBeDefined();
        planned++;
      }
    expect(planned).toBeGreaterThan(10);
  });

  test.each([
    [
      'of a union',
      '{ top { rating ... on Hit { __typename } } }',
      '{ top { rating ... on Book { __typename } ... on Film { __typename } } }',
    ],
    [
      'of a union of all types',
      '{ top { ... on Any { ... on Media { title } } } }',
      '{ top { ... on Book { title } ... on Film { title } ... on Paper { title } } }',
    ],
    [
      'of an interface below it',
      '{ top { ...P } } fragment P on Printed { pages ... on Priced { price } }',
      '{ top { ... on Book { pages price } ... on Paper { pages } } }',
    ],
    ['of an interface above it', '{ paper { ... on Media { title } } }', '{ paper { title } }'],
    ['of its own type', '{ top { ... on Media { title ... { id } } } }', '{ top { title id } }'],
    ['of an object type', '{ top { ... on Book { price } } }', '{ top { ... on Book { price } } }'],
    [
      'on another interface, which are left as they are',
      '{ priced { ... on Hit { ... on Media { rating } } } }',
      '{ priced { ... on Hit { ... on Media { rating } } } }',
    ],
    [
      'that nothing fits',
      '{ top { ... on Hit { ... on Printed { ... on Priced { ... on Film { id } } } } } }',
      '{ top { __typename } }',
    ],
  ])('%s', (_what, query, expected) => {
    expect(written(query)).toBe(expected);
  });

  test('that multiply are refused before they do', () => {
    const query = `{ top ${'{ ... on Any { ... on Media { next '.repeat(9)} { id } ${'} } }'.repeat(9)} }`;
    expect(() => planner.plan(parse(query), undefined)).toThrow(
      expect.objectContaining({ code: 'GRAPHQL_VALIDATION_FAILED' }),
    );
  });
});
