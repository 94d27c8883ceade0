import { type ExecutionResult, execute, type GraphQLSchema, parse } from 'graphql';
import { bundles, inUnit, media, products, rating, reviews, users } from './data.ts';
import type { Asked } from './queries.ts';

type Product = (typeof products)[number];
type Media = (typeof media)[number];
type User = (typeof users)[number];
type Review = (typeof reviews)[number];

/**
 * The same schema as one executable monolith: plain objects whose methods are the fields with arguments or
 * references. graphql-js resolves it with its default resolver, without federation.
 */
const find = <T extends { readonly [K in Key]: string }, Key extends string>(
  all: readonly T[],
  key: Key,
  value: string,
) => all.find((each) => each[key] === value);

const productOf = (p: Product): object => ({
  __typename: 'Product',
  upc: p.upc,
  sku: p.sku,
  price: p.price,
  stock: p.stock,
  tags: p.tags,
  dims: p.dims && {
    depth: p.dims.depth,
    width: ({ times }: { times: number }) => (p.dims.width === null ? null : p.dims.width * times),
  },
  area: ({ plus }: { plus: number | null }) =>
    p.dims === null || p.dims.width === null ? null : 2 * p.dims.width * p.dims.depth + (plus ?? 0),
  edge: p.dims?.width ?? null,
  label: p.grams === null ? null : `${p.grams} g`,
  name: ({ upper }: { upper: boolean }) => (upper ? p.name.toUpperCase() : p.name),
  weight: ({ unit }: { unit: string }) => inUnit(p.grams, unit),
  heavy: p.grams === null ? null : p.grams > 10_000,
  shippingCost: ({ express }: { express: boolean }) =>
    p.grams === null || p.price === null ? null : (p.grams / 1_000) * 2 + p.price / 10 + (express ? 5 : 0),
  reviews: () => reviews.filter((r) => r.product === p.upc).map(reviewOf),
});

const bundleOf = (b: (typeof bundles)[number]): object => ({
  __typename: 'Bundle',
  id: b.id,
  price: b.price,
  tags: b.tags,
  items: () => b.items.map((upc) => maybe(find(products, 'upc', upc), productOf)),
  lead: () => maybe(find(media, 'id', b.lead), mediaOf),
});

const mediaOf = (m: Media): object => ({
  ...m,
  __typename: m.kind,
  rating: rating[m.id] ?? null,
  score: `${m.title}: ${rating[m.id] ?? 'none'}`,
  age: ({ in: at }: { in: number | null }) => (m.year === null ? null : (at ?? 0) - m.year),
  stars: rating[m.id] === null ? null : Math.round(rating[m.id] ?? 0),
  motto: ({ loud }: { loud: boolean }) => (loud ? m.title.toUpperCase() : m.title),
  shout: `${m.title.toUpperCase()}!`,
  blurb: () => (m.id === 'm3' ? fail() : `about ${m.id}`),
  caption: () => (m.id === 'm1' ? fail() : `${m.title} (${m.year})`),
  reviews: ({ first }: { first: number }) =>
    reviews
      .filter((r) => r.media === m.id)
      .slice(0, first)
      .map(reviewOf),
});

const userOf = (u: User): object => ({
  __typename: 'User',
  id: u.id,
  name: u.name,
  email: u.email,
  rank: u.rank,
  reviewCount: reviews.filter((r) => r.author === u.id).length,
  broken: () => (u.id === 'u2' ? fail() : `whole ${u.id}`),
  promised: () => (u.id === 'u3' ? fail() : `kept ${u.id}`),
  friend: () =>
    maybe(
      users.find((other) => other.id === u.friend),
      userOf,
    ),
});

const reviewOf = (r: Review): object => ({
  __typename: 'Review',
  id: r.id,
  text: r.text,
  author: () => maybe(find(users, 'id', r.author), userOf),
  about: () => maybe(find(media, 'id', r.media), mediaOf),
  product: () => maybe(find(products, 'upc', r.product), productOf),
  related: () =>
    r.related?.map((row) => row?.map((id) => maybe(find(media, 'id', id), mediaOf)) ?? null) ?? null,
});

const fail = (): never => {
  throw new Error('a field of the monolith fails');
};

const maybe = <T>(value: T | undefined, present: (value: T) => object): object | null =>
  value === undefined ? null : present(value);

/** The fields of Query. */
export const monolithRoot = {
  products: ({ first }: { first?: number }) => products.slice(0, first ?? products.length).map(productOf),
  product: ({ upc }: { upc: string }) => maybe(find(products, 'upc', upc), productOf),
  media: ({ id }: { id: string }) => maybe(find(media, 'id', id), mediaOf),
  allMedia: () => media.map(mediaOf),
  search: ({ text }: { text: string }) => [
    ...products.filter((p) => p.name.includes(text)).map(productOf),
    ...media.filter((m) => m.title.includes(text)).map(mediaOf),
  ],
  shelves: () =>
    [[products[0], undefined, products[1]], [], [products[2], products[0]]].map((row) =>
      row.map((each) => maybe(each, productOf)),
    ),
  priced: () => [...products.map(productOf), null, ...bundles.map(bundleOf)],
  shipped: () => [...products].reverse().map(productOf),
  reviews: () => reviews.map(reviewOf),
  lastReview: () => maybe(reviews.at(-1), reviewOf),
  users: () => users.map(userOf),
  user: ({ id }: { id: string }) => maybe(find(users, 'id', id), userOf),
};

/** Returns the response of the monolith. */
export const askMonolith = async (
  schema: GraphQLSchema,
  { query, variables }: Asked,
): Promise<ExecutionResult> =>
  execute({ schema, document: parse(query), rootValue: monolithRoot, variableValues: variables });

/** Returns the events of the monolith: one response for each review. */
export const followMonolith = (
  schema: GraphQLSchema,
  { query, variables }: Asked,
): Promise<ExecutionResult[]> =>
  Promise.all(
    reviews.map((each) =>
      execute({
        schema,
        document: parse(query),
        rootValue: { reviewed: () => reviewOf(each) },
        variableValues: variables,
      }),
    ),
  );
