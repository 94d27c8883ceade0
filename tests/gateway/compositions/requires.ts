import type { Network, Row } from './network.ts';

export const requires: Network = {
  about: '@requires with arguments, of lists, of nulls, in chains, beside client fields of the same name',
  subgraphs: {
    prices: {
      sdl: `enum Currency { USD EUR } type Query { ps: [P] }
          type P @key(fields: "id") { id: ID! price(in: Currency = USD, plus: Int): Int weight: Int parts: [Part!] }
          type Part { cost(n: Int): Int name: String }`,
      resolvers: {
        Query: { ps: () => [{ id: '1' }, { id: '2' }, null] },
        P: {
          __resolveReference: (({ id }: Row) => ({ id })) as never,
          price: (({ id }: Row, { in: currency, plus = 0 }: { in: string; plus: number }) =>
            id === '2' ? null : (currency === 'EUR' ? 90 : 100) + plus) as never,
          weight: (({ id }: Row) => Number(id)) as never,
          parts: (({ id }: Row) => (id === '2' ? null : [{ name: 'x' }, { name: 'y' }])) as never,
        },
        Part: { cost: ((_: Row, { n }: { n: number }) => n) as never },
      },
    },
    shipping: {
      sdl: `enum Currency { USD EUR }
          type P @key(fields: "id") { id: ID! price(in: Currency = USD, plus: Int): Int @external weight: Int @external
            parts: [Part!] @external
            fee: String @requires(fields: "price(in: EUR, plus: 5) weight")
            other: String @requires(fields: "price(in: USD)")
            total: Int @requires(fields: "parts { cost(n: 3) }") }
          type Part { cost(n: Int): Int @external }`,
      resolvers: {
        P: {
          __resolveReference: ((reference: Row) => reference) as never,
          fee: (({ price, weight }: Row) => `${price} ${weight}`) as never,
          other: (({ price }: Row) => `${price}`) as never,
          total: (({ parts }: { parts: { cost: number }[] | null }) =>
            parts?.reduce((sum, { cost }) => sum + cost, 0) ?? null) as never,
        },
      },
    },
    labels: {
      sdl: `type P @key(fields: "id") { id: ID! fee: String @external label: String! @requires(fields: "fee") }`,
      resolvers: {
        P: {
          __resolveReference: ((reference: Row) => reference) as never,
          label: (({ fee }: Row) => `label ${fee}`) as never,
        },
      },
    },
  },
  asks: [
    ['{ ps { fee } }', undefined, { ps: [{ fee: '95 1' }, { fee: 'null 2' }, null] }],
    [
      '{ ps { fee other price weight: price(in: EUR) w: weight } }',
      undefined,
      {
        ps: [
          { fee: '95 1', other: '100', price: 100, weight: 90, w: 1 },
          { fee: 'null 2', other: 'null', price: null, weight: null, w: 2 },
          null,
        ],
      },
    ],
    [
      '{ ps { price: weight fee: id label t: total parts: total } }',
      undefined,
      {
        ps: [
          { price: 1, fee: '1', label: 'label 95 1', t: 6, parts: 6 },
          { price: 2, fee: '2', label: 'label null 2', t: null, parts: null },
          null,
        ],
      },
    ],
    [
      '{ ps { parts { cost(n: 1) c: cost(n: 3) name } total } }',
      undefined,
      {
        ps: [
          {
            parts: [
              { cost: 1, c: 3, name: 'x' },
              { cost: 1, c: 3, name: 'y' },
            ],
            total: 6,
          },
          { parts: null, total: null },
          null,
        ],
      },
    ],
    [
      'query ($v: Boolean!) { ps { label @skip(if: $v) fee @include(if: $v) price(plus: 1) } }',
      { v: true },
      { ps: [{ fee: '95 1', price: 101 }, { fee: 'null 2', price: null }, null] },
    ],
  ],
};
