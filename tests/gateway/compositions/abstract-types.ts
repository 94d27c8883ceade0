import { entity, type Network, type Row } from './network.ts';

const books = [
  { __typename: 'Book', id: 'b1', title: 'Book 1', pages: 100 },
  { __typename: 'Movie', id: 'm1', title: 'Movie 1', length: 90 },
  { __typename: 'Song', id: 's1', title: 'Song 1' },
];

export const abstractTypes: Network = {
  about: 'interfaces within unions, and entities behind abstract types',
  subgraphs: {
    catalog: {
      sdl: `union Found = Book | Movie | Song interface Media { id: ID! title: String }
          interface Timed { length: Int }
          type Book implements Media @key(fields: "id") { id: ID! title: String pages: Int }
          type Movie implements Media & Timed @key(fields: "id") { id: ID! title: String length: Int }
          type Song { id: ID! title: String }
          type Query { search: [Found] media: [Media!]! one(id: ID!): Found }`,
      resolvers: {
        Query: {
          search: () => [...books, null],
          media: () => books.slice(0, 2),
          one: (_, { id }: { id: string }) => books.find((book) => book.id === id),
        },
        Book: entity(books),
        Movie: entity(books),
      },
    },
    reviews: {
      sdl: `interface Reviewed { id: ID! reviews(first: Int = 2): [Review!]! best: Review }
          type Book implements Reviewed @key(fields: "id") { id: ID! reviews(first: Int = 2): [Review!]! best: Review }
          type Movie implements Reviewed @key(fields: "id") { id: ID! reviews(first: Int = 2): [Review!]! best: Review }
          type Review { text: String! of: Reviewed }`,
      resolvers: Object.fromEntries(
        ['Book', 'Movie'].map((name) => [
          name,
          {
            __resolveReference: (({ id }: Row) => ({ __typename: name, id })) as never,
            reviews: (({ id }: Row, { first }: { first: number }) =>
              Array.from({ length: first }, (_, n) => ({
                text: `${id} ${n + 1}`,
                of: { __typename: name, id },
              }))) as never,
            best: (({ id }: Row) => ({ text: `${id} best`, of: null })) as never,
          },
        ]),
      ),
    },
  },
  asks: [
    [
      '{ search { ... on Media { id ... on Book { pages reviews { text } } } ... on Movie { reviews(first: 1) { text } } } }',
      undefined,
      {
        search: [
          { id: 'b1', pages: 100, reviews: [{ text: 'b1 1' }, { text: 'b1 2' }] },
          { id: 'm1', reviews: [{ text: 'm1 1' }] },
          {},
          null,
        ],
      },
    ],
    [
      '{ search { ... on Reviewed { r: reviews(first: 1) { text of { ... on Media { title ... on Timed { length } } } } } __typename } }',
      undefined,
      {
        search: [
          { r: [{ text: 'b1 1', of: { title: 'Book 1' } }], __typename: 'Book' },
          { r: [{ text: 'm1 1', of: { title: 'Movie 1', length: 90 } }], __typename: 'Movie' },
          { __typename: 'Song' },
          null,
        ],
      },
    ],
    [
      '{ media { ... on Found { ... on Reviewed { best { text } } ... on Book { n: pages } ... on Movie { n: length } } } }',
      undefined,
      {
        media: [
          { best: { text: 'b1 best' }, n: 100 },
          { best: { text: 'm1 best' }, n: 90 },
        ],
      },
    ],
    [
      `query ($yes: Boolean!, $no: Boolean!) { search { ... on Reviewed @include(if: $yes) { __typename @skip(if: $yes)
          ... on Book @skip(if: $no) { best { text @include(if: $yes) of { id } } } ... @include(if: $no) { best { of { id } } } } } }`,
      { yes: true, no: false },
      { search: [{ best: { text: 'b1 best', of: null } }, {}, {}, null] },
    ],
    [
      'query ($no: Boolean!) { media { title ... on Reviewed @include(if: $no) { best { text } } __typename @include(if: $no) } }',
      { no: false },
      { media: [{ title: 'Book 1' }, { title: 'Movie 1' }] },
    ],
    [
      'query ($n: Int, $i: ID!) { one(id: $i) { ...on Book { a: reviews(first: $n) { text } b: reviews(first: 1) { text } c: reviews { text } } } }',
      { n: 1, i: 'b1' },
      {
        one: {
          a: [{ text: 'b1 1' }],
          b: [{ text: 'b1 1' }],
          c: [{ text: 'b1 1' }, { text: 'b1 2' }],
        },
      },
    ],
    [
      `query { search { ...M } } fragment M on Media { ...R id } fragment R on Reviewed { best { ...T } ... on Movie { ...L } }
          fragment L on Timed { length } fragment T on Review { text }`,
      undefined,
      {
        search: [
          { best: { text: 'b1 best' }, id: 'b1' },
          { best: { text: 'm1 best' }, length: 90, id: 'm1' },
          {},
          null,
        ],
      },
    ],
    [
      'query ($t: String!, $d: Boolean) { __type(name: $t) { name fields(includeDeprecated: $d) { name args { defaultValue } } } search { __typename } }',
      { t: 'Reviewed', d: true },
      {
        __type: {
          name: 'Reviewed',
          fields: [
            { name: 'id', args: [] },
            { name: 'reviews', args: [{ defaultValue: '2' }] },
            { name: 'best', args: [] },
          ],
        },
        search: [{ __typename: 'Book' }, { __typename: 'Movie' }, { __typename: 'Song' }, null],
      },
    ],
  ],
};
