import type { Resolvers } from '../gateway/subgraph.ts';
import { bundles, inUnit, media, products, rating, reviews, users } from './data.ts';

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import:
  ["@key", "@shareable", "@external", "@requires", "@provides", "@override", "@interfaceObject"])`;

/**
 * Four subgraphs that use the features of federation; each field is in a subgraph in which the comparison
 * needs it to be remote.
 */
export const sdls = {
  catalog: `${link}
    type Query {
      products(first: Int): [Product!]! product(upc: ID!): Product media(id: ID!): Media allMedia: [Media]!
      search(text: String!): [Hit!]! shelves: [[Product]!] priced: [Priced]!
    }
    enum Unit { GRAM KILO }
    interface Media @key(fields: "id") { id: ID! title: String! motto(loud: Boolean = false): String year: Int }
    type Book implements Media @key(fields: "id") { id: ID! title: String! motto(loud: Boolean = false): String year: Int pages: Int }
    type Film implements Media @key(fields: "id") { id: ID! title: String! motto(loud: Boolean = false): String year: Int minutes: Int!
      rating: Float @external stars: Int @requires(fields: "rating") }
    union Hit = Product | Book | Film
    type Sku @shareable { vendor: ID! code: ID! }
    type Dims { width(times: Int = 1): Int depth: Int }
    type Product implements Priced @key(fields: "upc") @key(fields: "sku { vendor code }") {
      upc: ID! sku: Sku! name(upper: Boolean = false): String! dims: Dims tags: [[String!]]!
      weight(unit: Unit = GRAM): Float price: Int stock: Int!
    }
    interface Priced { price: Int tags: [[String!]]! }
    type Bundle implements Priced { price: Int tags: [[String!]]! id: ID! items: [Product!]! lead: Hit }`,
  shipping: `${link}
    type Query { shipped: [Product!]! }
    enum Unit { GRAM KILO }
    type Dims { width(times: Int = 1): Int @external depth: Int @external }
    type Product @key(fields: "upc") {
      upc: ID!
      weight(unit: Unit = GRAM): Float @external
      price: Int @external
      dims: Dims @external
      shippingCost(express: Boolean = false): Float @requires(fields: "weight(unit: KILO) price")
      heavy: Boolean @requires(fields: "weight(unit: GRAM)")
      label: String @requires(fields: "weight")
      area(plus: Int = 0): Int @requires(fields: "dims { width(times: 2) depth }")
      edge: Int @requires(fields: "dims { width }")
      stock: Int! @override(from: "catalog")
    }`,
  reviews: `${link}
    type Query { reviews: [Review!]! lastReview: Review }
    type Subscription { reviewed: Review }
    type Media @key(fields: "id") @interfaceObject {
      id: ID! title: String! @external year: Int @external motto(loud: Boolean = false): String @external
      rating: Float reviews(first: Int = 2): [Review!]!
      score: String @requires(fields: "title") age(in: Int = 2000): Int @requires(fields: "year")
      shout: String @requires(fields: "motto(loud: true)") blurb: String caption: String! @requires(fields: "title year")
    }
    type Sku @shareable { vendor: ID! code: ID! }
    type Product @key(fields: "sku { vendor code }") { sku: Sku! reviews: [Review!]! }
    type Review @key(fields: "id") {
      id: ID! text: String author: User! @provides(fields: "name") about: Media product: Product related: [[Media]]
    }
    type User @key(fields: "id") {
      id: ID! name: String! @external reviewCount: Int! broken: String promised: String!
    }`,
  accounts: `${link}
    type Query { users: [User]! user(id: ID!): User }
    type User @key(fields: "id") { id: ID! name: String! @shareable email: String rank: Int! friend: User }`,
} as const;

const named = (__typename: string) => (value: object) => ({ __typename, ...value });
const medium = (each: (typeof media)[number]) => ({ __typename: each.kind, ...each });
const mediumById = ({ id }: { id: string }) => {
  const found = media.find((m) => m.id === id);
  return found ? medium(found) : null;
};
const productBy = ({ upc, sku }: { upc?: string; sku?: { vendor: string; code: string } }) =>
  products.find((p) => p.upc === upc || (p.sku.vendor === sku?.vendor && p.sku.code === sku?.code)) ?? null;
const userById = ({ id }: { id: string }) => users.find((u) => u.id === id) ?? null;
const skuOf = (upc: string) => products.find((p) => p.upc === upc)?.sku;

const review = (r: (typeof reviews)[number]) => ({
  id: r.id,
  text: r.text,
  author: { id: r.author, name: users.find((u) => u.id === r.author)?.name },
  about: { id: r.media },
  product: { sku: skuOf(r.product) },
  related: r.related?.map((row) => row?.map((id) => ({ id }))),
});

const motto = ({ title }: { title: string }, { loud }: { loud: boolean }) =>
  loud ? title.toUpperCase() : title;

const refuse = (what: string): never => {
  throw new Error(what);
};

interface Dims {
  readonly width: number | null;
  readonly depth: number | null;
}

export const resolvers: Readonly<Record<keyof typeof sdls, Resolvers>> = {
  catalog: {
    Query: {
      products: (_p: never, { first }: { first?: number }) => products.slice(0, first ?? products.length),
      product: (_p: never, args: { upc: string }) => productBy(args),
      media: (_p: never, args: { id: string }) => mediumById(args),
      allMedia: () => media.map(medium),
      search: (_p: never, { text }: { text: string }) => [
        ...products.filter((p) => p.name.includes(text)).map(named('Product')),
        ...media.filter((m) => m.title.includes(text)).map(medium),
      ],
      shelves: () => [[products[0], null, products[1]], [], [products[2], products[0]]],
      priced: () => [...products.map(named('Product')), null, ...bundles.map(named('Bundle'))],
    },
    Bundle: {
      items: ({ items }: { items: readonly string[] }) => items.map((upc) => productBy({ upc })),
      lead: ({ lead }: { lead: string }) => mediumById({ id: lead }),
    },
    Dims: {
      width: ({ width }: Dims, { times }: { times: number }) => (width === null ? null : width * times),
    },
    Product: {
      __resolveReference: productBy as never,
      name: ({ name }: { name: string }, { upper }: { upper: boolean }) =>
        upper ? name.toUpperCase() : name,
      weight: ({ grams }: { grams: number | null }, { unit }: { unit: string }) => inUnit(grams, unit),
    },
    Media: { __resolveReference: mediumById as never },
    Book: { __resolveReference: mediumById as never, motto },
    Film: {
      motto,
      __resolveReference: ((reference: { id: string; rating?: number | null }) => {
        const found = mediumById(reference);
        return found && { ...found, rating: reference.rating };
      }) as never,
      stars: ({ rating: given }: { rating: number | null }) => (given === null ? null : Math.round(given)),
    },
  },
  shipping: {
    Query: { shipped: () => [...products].reverse().map(({ upc, stock }) => ({ upc, stock })) },
    Product: {
      __resolveReference: ((reference: { upc: string }) => ({
        ...reference,
        stock: products.find((p) => p.upc === reference.upc)?.stock,
      })) as never,
      // In kilograms, by the argument in @requires, whatever unit the client selects in addition.
      shippingCost: (
        { weight, price }: { weight: number | null; price: number | null },
        { express }: { express: boolean },
      ) => (weight === null || price === null ? null : weight * 2 + price / 10 + (express ? 5 : 0)),
      heavy: ({ weight }: { weight: number | null }) => (weight === null ? null : weight > 10_000),
      label: ({ weight }: { weight: number | null }) => (weight === null ? null : `${weight} g`),
      area: ({ dims }: { dims: Dims | null }, { plus }: { plus: number | null }) =>
        dims === null || dims.width === null || dims.depth === null
          ? null
          : dims.width * dims.depth + (plus ?? 0),
      edge: ({ dims }: { dims: Dims | null }) => dims?.width ?? null,
    },
  },
  reviews: {
    Query: {
      reviews: () => reviews.map(review),
      lastReview: () => reviews.slice(-1).map(review)[0],
    },
    Subscription: {
      reviewed: {
        subscribe: async function* () {
          yield* reviews.map(review);
        },
        resolve: (value) => value,
      },
    },
    Media: {
      __resolveReference: ((reference: { id: string }) => reference) as never,
      rating: ({ id }: { id: string }) => rating[id] ?? null,
      reviews: ({ id }: { id: string }, { first }: { first: number }) =>
        reviews
          .filter((r) => r.media === id)
          .slice(0, first)
          .map(review),
      score: ({ id, title }: { id: string; title: string }) => `${title}: ${rating[id] ?? 'none'}`,
      age: ({ year }: { year: number | null }, { in: at }: { in: number | null }) =>
        year === null ? null : (at ?? 0) - year,
      shout: ({ motto: given }: { motto: string }) => `${given}!`,
      blurb: ({ id }: { id: string }) => (id === 'm3' ? refuse('no blurb') : `about ${id}`),
      caption: ({ title, year }: { title: string; year: number | null }) =>
        title === 'Notes' ? refuse('no caption') : `${title} (${year})`,
    },
    Product: {
      __resolveReference: ((reference: { sku: { vendor: string; code: string } }) => reference) as never,
      reviews: ({ sku }: { sku: { vendor: string; code: string } }) =>
        reviews.filter((r) => r.product === productBy({ sku })?.upc).map(review),
    },
    Review: {
      __resolveReference: (({ id }: { id: string }) => {
        const found = reviews.find((r) => r.id === id);
        return found ? review(found) : null;
      }) as never,
    },
    User: {
      __resolveReference: ((reference: { id: string }) => reference) as never,
      reviewCount: ({ id }: { id: string }) => reviews.filter((r) => r.author === id).length,
      broken: ({ id }: { id: string }) => (id === 'u2' ? refuse('broken') : `whole ${id}`),
      promised: ({ id }: { id: string }) => (id === 'u3' ? refuse('promised') : `kept ${id}`),
    },
  },
  accounts: {
    Query: { users: () => users, user: (_p: never, args: { id: string }) => userById(args) },
    User: {
      __resolveReference: userById as never,
      friend: ({ friend }: { friend: string | null }) => (friend === null ? null : userById({ id: friend })),
    },
  },
};
