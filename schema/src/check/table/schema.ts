const links = `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: [
    "@key" "@shareable" "@external" "@requires" "@provides" "@override" "@inaccessible" "@tag" "@cost"
    "@authenticated" "@requiresScopes" "@policy" "@composeDirective"
  ])
  @link(url: "https://rookery.invalid/rateLimit/v1.0", import: ["@rateLimit"])
  @composeDirective(name: "@rateLimit")
directive @rateLimit(limit: Int!, window: Int!, key: String! = "viewer") repeatable on FIELD_DEFINITION
directive @live(every: Int) on FIELD
`;

/** Two subgraphs that the rows of the table change. */
export const tableSchema = {
  catalog: `${links}
type Query {
  product(id: ID!, currency: Currency = EUR, note: String): Product
  search(filter: Filter!, first: Int): [Result!]!
  node(id: ID!): Node
  prices: [Float]
  ping: Int
  limited: Int @rateLimit(limit: 10, window: 60)
  costly: Int @cost(weight: 5)
  internal: Int @requiresScopes(scopes: [["staff"]])
  guarded: Int @policy(policies: [["adult"]])
  signed: Int @authenticated
}
type Mutation {
  buy(input: BuyInput!): Product
  rate(stars: Int!): Int
}
type Subscription {
  priceChanged(id: ID!): Product
}
interface Node {
  id: ID!
  label: String
}
type Product implements Node @key(fields: "id") {
  id: ID!
  label: String
  name: String!
  price: Float
  color: Color
  weight: Weight
  hidden: String @inaccessible
  shared: String @shareable
  stock: Int
}
type Brand implements Node {
  id: ID!
  label: String
  title: String!
}
type Weight {
  grams: Int!
  unit: String
}
type Shop {
  city: String
}
union Result = Product | Brand | Shop
"A color."
enum Color {
  RED
  GREEN
  BLUE @deprecated(reason: "Use GREEN.")
}
enum Currency {
  EUR
  USD
}
input Filter {
  text: String!
  color: Color
  limit: Int = 10
  within: Area
}
input Area {
  city: String
}
input BuyInput {
  productId: ID!
  amount: Int!
  comment: String
}
`,
  reviews: `${links}
type Query {
  reviews: [Review!]!
}
type Product @key(fields: "id") {
  id: ID!
  stars: Float
  shared: String @shareable
}
type Review @key(fields: "text") {
  text: String!
  product: Product
}
`,
};

export type TableSubgraph = keyof typeof tableSchema;
