import { expect } from 'vitest';
import { entity, type Network, type Row } from './network.ts';

export const sharedTypes: Network = {
  about:
    'value types of several subgraphs, @provides, @override, @inaccessible, merged enums, unions and inputs',
  subgraphs: {
    a: {
      sdl: `enum Size { S M HIDDEN @inaccessible } enum Sort { UP DOWN }
          union Thing = Red | Blue
          type Red { hue: String @shareable } type Blue @shareable { hue: String depth: Int }
          type Money @shareable { amount: Int unit: Unit } type Unit @shareable { name: String sign: String }
          input Filter { n: Int = 5, sort: Sort = UP, inner: Inner = { x: 1 } } input Inner { x: Int = 3, y: [Int!] = [1, 2] }
          type Query { order: Order orders(filter: Filter = {}): [Order!] things: [Thing] echo(filter: Filter = { n: 7 }): String
            shared: Money @shareable hidden: Order @inaccessible sizes: [Size] }
          type Order @key(fields: "id") { id: ID! size: Size total: Money old: String buyer: User @provides(fields: "name") secret: String @inaccessible }
          type User @key(fields: "id") { id: ID! name: String @external }`,
      resolvers: {
        Query: {
          order: () => ({
            id: 'o1',
            size: 'S',
            total: { amount: 5, unit: { name: 'euro', sign: 'E' } },
            old: 'old',
            buyer: { id: 'u1', name: 'provided' },
            secret: 'secret 1',
          }),
          orders: () => [{ id: 'o1', size: 'M' }],
          things: () => [
            { __typename: 'Red', hue: 'r' },
            { __typename: 'Blue', hue: 'b', depth: 3 },
          ],
          echo: (_, args) => JSON.stringify(args),
          shared: () => ({ amount: 1, unit: { name: 'a', sign: 'a' } }),
          hidden: () => null,
          sizes: () => ['S', 'HIDDEN', 'M'],
        },
        Order: entity([{ id: 'o1', secret: 'secret 1' }]),
        User: entity([{ id: 'u1' }]),
      },
    },
    b: {
      sdl: `enum Size { S M L } enum Sort { UP DOWN }
          union Thing = Blue | Green type Green { hue: String @shareable } type Blue @shareable { hue: String depth: Int }
          type Money @shareable { amount: Int unit: Unit } type Unit @shareable { name: String sign: String }
          type Query { shared: Money @shareable green: Thing }
          type Order @key(fields: "id") { id: ID! old: String @override(from: "a") secret: String @external
            told: String @requires(fields: "secret") paid: Money big: Size }
          type User @key(fields: "id") { id: ID! name: String @shareable friends: [User!] }`,
      resolvers: {
        Query: {
          shared: () => ({ amount: 1, unit: { name: 'b', sign: 'b' } }),
          green: () => ({ __typename: 'Green', hue: 'g' }),
        },
        Order: {
          __resolveReference: ((reference: Row) => ({
            ...reference,
            old: 'new',
            paid: { amount: 2, unit: { name: 'n', sign: 's' } },
            big: 'L',
          })) as never,
          told: (({ secret }: Row) => `told ${secret}`) as never,
        },
        User: entity(
          [
            { id: 'u1', name: 'real' },
            { id: 'u2', name: 'two' },
          ],
          {
            name: (({ id }: Row) => (id === 'u1' ? 'real' : 'two')) as never,
            friends: (({ id }: Row) => (id === 'u1' ? [{ id: 'u2' }, { id: 'u1' }] : [])) as never,
          },
        ),
      },
    },
  },
  asks: [
    [
      '{ order { size old told total { amount unit { name sign } } paid { unit { name sign } } big buyer { name } } }',
      undefined,
      {
        order: {
          size: 'S',
          old: 'new',
          told: 'told secret 1',
          total: { amount: 5, unit: { name: 'euro', sign: 'E' } },
          paid: { unit: { name: 'n', sign: 's' } },
          big: 'L',
          buyer: { name: 'provided' },
        },
      },
    ],
    [
      '{ order { buyer { friends { id name friends { name } } } } }',
      undefined,
      {
        order: {
          buyer: {
            friends: [
              { id: 'u2', name: 'two', friends: [] },
              { id: 'u1', name: 'real', friends: [{ name: 'two' }, { name: 'real' }] },
            ],
          },
        },
      },
    ],
    [
      '{ things { __typename ... on Red { hue } ... on Blue { depth } ... on Green { hue } } green { ... on Green { hue } ... on Red { hue } } }',
      undefined,
      {
        things: [
          { __typename: 'Red', hue: 'r' },
          { __typename: 'Blue', depth: 3 },
        ],
        green: { hue: 'g' },
      },
    ],
    ['{ echo }', undefined, { echo: '{"filter":{"n":7,"sort":"UP","inner":{"x":1,"y":[1,2]}}}' }],
    [
      '{ echo(filter: {}) a: echo(filter: { inner: {} }) b: echo(filter: null) c: echo(filter: { inner: { y: 4 }, n: null }) }',
      undefined,
      {
        echo: '{"filter":{"n":5,"sort":"UP","inner":{"x":1,"y":[1,2]}}}',
        a: '{"filter":{"n":5,"sort":"UP","inner":{"x":3,"y":[1,2]}}}',
        b: '{"filter":null}',
        c: '{"filter":{"n":null,"sort":"UP","inner":{"x":3,"y":[4]}}}',
      },
    ],
    [
      'query ($f: Filter, $x: Int, $s: Sort! = DOWN) { echo(filter: $f) a: echo(filter: { inner: { x: $x }, sort: $s }) }',
      { f: { inner: { y: 9 } } },
      {
        echo: '{"filter":{"n":5,"sort":"UP","inner":{"x":3,"y":[9]}}}',
        a: '{"filter":{"n":5,"sort":"DOWN","inner":{"x":3,"y":[1,2]}}}',
      },
    ],
    [
      '{ sizes order { size } }',
      undefined,
      {
        data: { sizes: ['S', null, 'M'], order: { size: 'S' } },
        errors: [expect.objectContaining({ path: ['sizes', 1] })],
      },
    ],
  ],
};
