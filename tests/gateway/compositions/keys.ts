import { expect } from 'vitest';
import { entity, type Network } from './network.ts';

export const keys: Network = {
  about:
    'keys: compound, nested, in several hops, nullable; nulls that propagate over them; root types of another name',
  subgraphs: {
    a: {
      sdl: `schema { query: RootA mutation: MutA } type RootA { ps: [P] grid: [[P!]!] deep: Box must: [P!] }
          type MutA { a(n: Int!): Log }
          type Log { said: String }
          type Box { p: P! } type P @key(fields: "id") { id: ID }`,
      resolvers: {
        RootA: {
          ps: () => [{ id: '1' }, { id: null }, { id: '2' }, null, { id: '1' }],
          grid: () => [[{ id: '1' }, { id: '2' }], [], [{ id: '2' }]],
          deep: () => ({ p: { id: '3' } }),
          must: () => [{ id: '1' }, { id: '3' }],
        },
        MutA: { a: (_, { n }: { n: number }) => ({ said: `a${n}` }) },
      },
    },
    b: {
      sdl: `schema { query: RootB mutation: MutB } type RootB { b: String } type MutB { b(n: Int!): String }
          type P @key(fields: "id") @key(fields: "sku org { id }") { id: ID sku: String org: Org } type Org { id: ID! }`,
      resolvers: {
        RootB: { b: () => 'b' },
        MutB: { b: (_, { n }: { n: number }) => `b${n}` },
        P: entity(['1', '2', '3'].map((id) => ({ id, sku: `s${id}`, org: { id: `o${id}` } }))),
      },
    },
    c: {
      sdl: `type P @key(fields: "sku org { id }") { sku: String org: Org stock: Int! } type Org { id: ID! }`,
      resolvers: {
        P: entity([
          { sku: 's1', org: { id: 'o1' }, stock: 1 },
          { sku: 's2', org: { id: 'o2' }, stock: 2 },
          { sku: 's3', org: { id: 'o3' }, stock: null },
        ]),
      },
    },
  },
  asks: [
    [
      '{ grid { id stock } __typename }',
      undefined,
      {
        grid: [
          [
            { id: '1', stock: 1 },
            { id: '2', stock: 2 },
          ],
          [],
          [{ id: '2', stock: 2 }],
        ],
        __typename: 'Query',
      },
    ],
    [
      '{ ps { id sku } }',
      undefined,
      {
        // The subgraph was asked and knows no such entity: a null that was answered has no error.
        ps: [
          { id: '1', sku: 's1' },
          { id: null, sku: null },
          { id: '2', sku: 's2' },
          null,
          { id: '1', sku: 's1' },
        ],
      },
    ],
    [
      '{ deep { p { stock } } }',
      undefined,
      { data: { deep: null }, errors: [expect.objectContaining({ path: ['deep', 'p', 'stock'] })] },
    ],
    [
      '{ must { stock } }',
      undefined,
      { data: { must: null }, errors: [expect.objectContaining({ path: ['must', 1, 'stock'] })] },
    ],
    [
      '{ ps { __typename } t: __typename }',
      undefined,
      {
        ps: [{ __typename: 'P' }, { __typename: 'P' }, { __typename: 'P' }, null, { __typename: 'P' }],
        t: 'Query',
      },
    ],
    [
      'mutation { one: a(n: 1) { said __typename } two: b(n: 2) __typename three: a(n: 3) { said } b(n: 4) }',
      undefined,
      {
        one: { said: 'a1', __typename: 'Log' },
        two: 'b2',
        __typename: 'Mutation',
        three: { said: 'a3' },
        b: 'b4',
      },
    ],
  ],
};
