import { entity, find, type Network, type Row } from './network.ts';

export const interfaceObjects: Network = {
  about: 'interface objects and entity interfaces',
  subgraphs: {
    media: {
      sdl: `interface M @key(fields: "id") { id: ID! title: String } union Hit = Bk | Fl interface Named { title: String }
          type Bk implements M & Named @key(fields: "id") { id: ID! title: String pages: Int }
          type Fl implements M & Named @key(fields: "id") { id: ID! title: String }
          type Query { ms: [M] hits: [Hit] }`,
      resolvers: (() => {
        const rows = [
          { __typename: 'Bk', id: '1', title: 'one', pages: 11 },
          { __typename: 'Fl', id: '2', title: 'two' },
        ];
        return {
          Query: { ms: () => rows, hits: () => [...rows, null] },
          M: { __resolveReference: find(rows, 'M') as never },
          Bk: entity(rows),
          Fl: entity(rows),
        };
      })(),
    },
    ratings: {
      sdl: `type M @key(fields: "id") @interfaceObject { id: ID! rating: Int title: String @external
            shout(loud: Boolean = true): String @requires(fields: "title") similar: [M!] }
          type Query { top: M tops: [M!]! }`,
      resolvers: {
        Query: { top: () => ({ id: '1' }), tops: () => [{ id: '2' }, { id: '1' }, { id: '2' }] },
        M: {
          __resolveReference: ((reference: Row) => reference) as never,
          rating: (({ id }: Row) => Number(id) * 10) as never,
          shout: (({ title }: Row, { loud }: { loud: boolean }) =>
            loud ? String(title).toUpperCase() : title) as never,
          similar: (({ id }: Row) => [{ id: id === '1' ? '2' : '1' }]) as never,
        },
      },
    },
    sales: {
      sdl: `type M @key(fields: "id") @interfaceObject { id: ID! sold: Int }`,
      resolvers: {
        M: {
          __resolveReference: ((reference: Row) => reference) as never,
          sold: (({ id }: Row) => Number(id) * 100) as never,
        },
      },
    },
  },
  asks: [
    [
      '{ top { __typename id rating sold title shout } }',
      undefined,
      { top: { __typename: 'Bk', id: '1', rating: 10, sold: 100, title: 'one', shout: 'ONE' } },
    ],
    [
      '{ tops { ... on Bk { pages sold } ... on Fl { shout(loud: false) } rating } }',
      undefined,
      {
        tops: [
          { shout: 'two', rating: 20 },
          { pages: 11, sold: 100, rating: 10 },
          { shout: 'two', rating: 20 },
        ],
      },
    ],
    [
      '{ tops { similar { ... on Named { title } ... on Hit { ... on Bk { pages } } similar { rating __typename } } } }',
      undefined,
      {
        tops: [
          { similar: [{ title: 'one', pages: 11, similar: [{ rating: 20, __typename: 'Fl' }] }] },
          { similar: [{ title: 'two', similar: [{ rating: 10, __typename: 'Bk' }] }] },
          { similar: [{ title: 'one', pages: 11, similar: [{ rating: 20, __typename: 'Fl' }] }] },
        ],
      },
    ],
    [
      '{ hits { ... on M { rating sold } ... on Bk { shout } } ms { rating ... on Fl { r: rating } } }',
      undefined,
      {
        hits: [{ rating: 10, sold: 100, shout: 'ONE' }, { rating: 20, sold: 200 }, null],
        ms: [{ rating: 10 }, { rating: 20, r: 20 }],
      },
    ],
    [
      'query ($v: Boolean!) { top { ... on Fl @include(if: $v) { rating } ... on Hit @skip(if: $v) { __typename } ... on M { t: __typename @include(if: $v) sold } } }',
      { v: true },
      { top: { t: 'Bk', sold: 100 } },
    ],
    ['{ top { ... on Fl { title } } }', undefined, { top: {} }],
    [
      '{ tops { t: __typename ... on Named { __typename } } }',
      undefined,
      {
        tops: [
          { t: 'Fl', __typename: 'Fl' },
          { t: 'Bk', __typename: 'Bk' },
          { t: 'Fl', __typename: 'Fl' },
        ],
      },
    ],
  ],
};
