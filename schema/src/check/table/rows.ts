import type { Criticality } from '../../model/change.ts';
import type { Effect } from '../../model/operation-verdict.ts';
import { type TableSubgraph, tableSchema } from './schema.ts';

/** Replaces text in the SDL of a subgraph. */
export interface Edit {
  readonly subgraph: TableSubgraph;
  readonly from: string;
  readonly to: string;
}

/** A change of the schema with the verdict that is expected. */
export interface Row {
  readonly line: string;
  /** Kind of the change, or code of the composition error. */
  readonly kind: string;
  readonly criticality: Criticality | 'uncomposed';
  /** `P` passes and `F` fails: without usage; used by the operation; used by another operation alone. */
  readonly passes: string;
  readonly effect: Effect;
  /** Empty if the change does not compose. */
  readonly operation: string;
  readonly edits: readonly Edit[];
}

const unescaped = (text: string): string => text.replaceAll('\\n', '\n');

const readEdit = (text: string): Edit => {
  const subgraph = text.startsWith('reviews: ') ? 'reviews' : 'catalog';
  const [from = '', to = ''] = text.replace(/^reviews: /, '').split(' => ');
  return { subgraph, from: unescaped(from), to: unescaped(to) };
};

const readRow = (line: string): Row => {
  const [kind = '', criticality = '', passes = '', effect = '', operation = '', edits = ''] =
    line.split(' :: ');
  return {
    line,
    kind,
    criticality: criticality as Row['criticality'],
    passes,
    effect: effect === '-' ? 'unaffected' : (effect as Effect),
    operation: operation === '-' ? '' : operation,
    edits: edits.split(' && ').map(readEdit),
  };
};

const readRows = (text: string): readonly Row[] =>
  text
    .split('\n')
    .filter((line) => line.includes(' :: '))
    .map(readRow);

/** Returns the SDL of the table's subgraphs after edits. @throws Error if the text to replace is missing */
export const edited = (edits: readonly Edit[]): Record<TableSubgraph, string> => {
  const sdls = { ...tableSchema };
  for (const { subgraph, from, to } of edits) {
    if (!sdls[subgraph].includes(from)) throw new Error(`${subgraph} does not contain ${from}`);
    sdls[subgraph] = sdls[subgraph].replace(from, to);
  }
  return sdls;
};

// Each line: kind :: criticality :: passes :: effect on the operation :: operation :: from => to && from => to

/** Changes of the API, of each kind that graphql-inspector knows. */
export const apiRows = readRows(String.raw`
FIELD_REMOVED :: breaking :: FFP :: broken :: { ping } ::   ping: Int\n => 
FIELD_ADDED :: safe :: PPP :: unaffected :: { ping } ::   ping: Int\n =>   ping: Int\n  pong: Int\n
FIELD_TYPE_CHANGED :: breaking :: FFP :: possibly-affected :: { ping } ::   ping: Int\n =>   ping: String\n
FIELD_TYPE_CHANGED :: safe :: PPP :: unaffected :: { ping } ::   ping: Int\n =>   ping: Int!\n
FIELD_TYPE_CHANGED :: breaking :: FFP :: possibly-affected :: { product(id: 1) { id name } } ::   name: String!\n =>   name: String\n
FIELD_TYPE_CHANGED :: breaking :: FFP :: possibly-affected :: { ping } ::   ping: Int\n =>   ping: [Int]\n
FIELD_TYPE_CHANGED :: breaking :: FFP :: broken :: { ping } ::   ping: Int\n =>   ping: Shop\n
FIELD_TYPE_CHANGED :: breaking :: FFP :: broken :: { product(id: 1) { weight { unit } } } ::   weight: Weight\n =>   weight: Int\n
FIELD_TYPE_CHANGED :: safe :: PPP :: unaffected :: { prices } ::   prices: [Float]\n =>   prices: [Float!]\n
FIELD_DESCRIPTION_ADDED :: safe :: PPP :: unaffected :: { ping } ::   ping: Int\n =>   "Answers."\n  ping: Int\n
FIELD_DEPRECATION_ADDED :: safe :: PPP :: unaffected :: { ping } ::   ping: Int\n =>   ping: Int @deprecated(reason: "Gone soon.")\n
FIELD_ARGUMENT_REMOVED :: breaking :: FFP :: broken :: { product(id: 1, note: "x") { id } } :: note: String => 
FIELD_ARGUMENT_REMOVED :: breaking :: FPP :: unaffected :: { product(id: 1) { id name } } :: note: String => 
FIELD_ARGUMENT_ADDED :: dangerous :: PPP :: possibly-affected :: { product(id: 1) { id name } } :: note: String => note: String, more: Int
FIELD_ARGUMENT_ADDED :: breaking :: FFP :: broken :: { product(id: 1) { id name } } :: note: String => note: String, more: Int!
FIELD_ARGUMENT_TYPE_CHANGED :: breaking :: FFP :: broken :: { product(id: 1) { id name } } :: note: String => note: String!
FIELD_ARGUMENT_TYPE_CHANGED :: breaking :: FFP :: broken :: query N($n: String) { product(id: 1, note: $n) { id } } :: note: String => note: Int
FIELD_ARGUMENT_TYPE_CHANGED :: safe :: PPP :: unaffected :: { product(id: 1) { id name } } :: product(id: ID!, => product(id: ID,
FIELD_ARGUMENT_DEFAULT_CHANGED :: dangerous :: PPP :: possibly-affected :: { product(id: 1) { id name } } :: currency: Currency = EUR => currency: Currency = USD
FIELD_ARGUMENT_DEFAULT_CHANGED :: dangerous :: PPP :: unaffected :: { product(id: 1, currency: EUR) { id } } :: currency: Currency = EUR => currency: Currency = USD
INPUT_FIELD_REMOVED :: breaking :: FFP :: possibly-affected :: mutation B($input: BuyInput!) { buy(input: $input) { id } } ::   comment: String\n => 
INPUT_FIELD_REMOVED :: breaking :: FFP :: broken :: mutation { buy(input: { productId: 1, amount: 1, comment: "x" }) { id } } ::   comment: String\n => 
INPUT_FIELD_ADDED :: safe :: PPP :: unaffected :: mutation B($input: BuyInput!) { buy(input: $input) { id } } ::   comment: String\n =>   comment: String\n  gift: Boolean\n
INPUT_FIELD_ADDED :: breaking :: FFP :: broken :: mutation B($input: BuyInput!) { buy(input: $input) { id } } ::   comment: String\n =>   comment: String\n  gift: Boolean!\n
INPUT_FIELD_ADDED :: dangerous :: PPP :: possibly-affected :: mutation B($input: BuyInput!) { buy(input: $input) { id } } ::   comment: String\n =>   comment: String\n  gift: Boolean! = false\n
INPUT_FIELD_ADDED :: breaking :: FFP :: possibly-affected :: query S($f: Filter!) { search(filter: $f) { __typename } } :: input Area {\n => input Area {\n  zip: Int!\n
INPUT_FIELD_TYPE_CHANGED :: breaking :: FFP :: possibly-affected :: mutation B($input: BuyInput!) { buy(input: $input) { id } } ::   comment: String\n =>   comment: String!\n
INPUT_FIELD_TYPE_CHANGED :: safe :: PPP :: unaffected :: mutation B($input: BuyInput!) { buy(input: $input) { id } } ::   amount: Int!\n =>   amount: Int\n
INPUT_FIELD_DEFAULT_VALUE_CHANGED :: dangerous :: PPP :: possibly-affected :: query S($f: Filter!) { search(filter: $f) { __typename } } ::   limit: Int = 10\n =>   limit: Int = 20\n
ENUM_VALUE_REMOVED :: breaking :: FFP :: broken :: { product(id: 1, currency: USD) { id } } ::   USD\n => 
ENUM_VALUE_REMOVED :: breaking :: FFP :: possibly-affected :: query C($c: Currency) { product(id: 1, currency: $c) { id } } ::   USD\n => 
ENUM_VALUE_REMOVED :: breaking :: FPP :: unaffected :: { product(id: 1, currency: EUR) { id } } ::   USD\n => 
ENUM_VALUE_ADDED :: dangerous :: PPP :: unaffected :: { product(id: 1, currency: EUR) { id } } ::   USD\n =>   USD\n  CHF\n
ENUM_VALUE_ADDED :: dangerous :: PPP :: possibly-affected :: { product(id: 1) { color } } ::   RED\n =>   RED\n  PINK\n
ENUM_VALUE_DEPRECATION_REASON_REMOVED :: safe :: PPP :: unaffected :: { product(id: 1) { color } } ::   BLUE @deprecated(reason: "Use GREEN.") =>   BLUE
UNION_MEMBER_REMOVED :: breaking :: FFP :: possibly-affected :: query S($f: Filter!) { search(filter: $f) { __typename } } ::  | Shop => 
UNION_MEMBER_REMOVED :: breaking :: FFP :: broken :: { search(filter: { text: "x" }) { ... on Shop { city } } } ::  | Shop => 
UNION_MEMBER_ADDED :: dangerous :: PPP :: possibly-affected :: query S($f: Filter!) { search(filter: $f) { __typename } } ::  | Shop =>  | Shop | Weight
OBJECT_TYPE_INTERFACE_REMOVED :: breaking :: FFP :: broken :: { node(id: 1) { ... on Brand { title } } } :: type Brand implements Node { => type Brand {
OBJECT_TYPE_INTERFACE_ADDED :: dangerous :: PPP :: unaffected :: { node(id: 1) { id } } :: type Shop { => type Shop implements Node {\n  id: ID!\n  label: String
TYPE_REMOVED :: breaking :: FFP :: broken :: { search(filter: { text: "x" }) { ... on Shop { city } } } :: type Shop {\n  city: String\n}\n =>  &&  | Shop => 
TYPE_ADDED :: safe :: PPP :: unaffected :: query S($f: Filter!) { search(filter: $f) { __typename } } :: type Shop { => type Kiosk {\n  city: String\n}\ntype Shop {
TYPE_KIND_CHANGED :: breaking :: FFP :: possibly-affected :: { product(id: 1) { weight { unit } } } :: type Weight { => interface Weight {
TYPE_DESCRIPTION_CHANGED :: safe :: PPP :: unaffected :: { product(id: 1) { color } } :: "A color."\n => "A tint."\n
SCHEMA_SUBSCRIPTION_TYPE_CHANGED :: breaking :: FFP :: broken :: subscription { priceChanged(id: 1) { id } } :: type Subscription {\n  priceChanged(id: ID!): Product\n}\n => 
DIRECTIVE_REMOVED :: breaking :: FFP :: broken :: { ping @live } :: directive @live(every: Int) on FIELD =>  && reviews: directive @live(every: Int) on FIELD => 
DIRECTIVE_ARGUMENT_REMOVED :: breaking :: FFP :: broken :: { ping @live(every: 1) } :: @live(every: Int) => @live(each: Int) && reviews: @live(every: Int) => @live(each: Int)
DIRECTIVE_LOCATION_ADDED :: safe :: PPP :: unaffected :: { ping @live } :: @live(every: Int) on FIELD => @live(every: Int) on FIELD | QUERY && reviews: @live(every: Int) on FIELD => @live(every: Int) on FIELD | QUERY
`);

/** Changes that graphql-inspector does not see: permissions, limits and cost. */
export const securityRows = readRows(String.raw`
AUTHENTICATED_ADDED :: breaking :: FFP :: possibly-affected :: { ping } ::   ping: Int\n =>   ping: Int @authenticated\n
AUTHENTICATED_REMOVED :: dangerous :: FFF :: possibly-affected :: { signed } :: signed: Int @authenticated => signed: Int
REQUIRES_SCOPES_TIGHTENED :: breaking :: FFP :: possibly-affected :: { internal } :: [["staff"]] => [["staff", "boss"]]
REQUIRES_SCOPES_LOOSENED :: dangerous :: FFF :: possibly-affected :: { internal } :: [["staff"]] => [["staff"], ["guest"]]
REQUIRES_SCOPES_REMOVED :: dangerous :: FFF :: possibly-affected :: { internal } :: internal: Int @requiresScopes(scopes: [["staff"]]) => internal: Int
POLICY_TIGHTENED :: breaking :: FFP :: possibly-affected :: { guarded } :: [["adult"]] => [["adult", "local"]]
POLICY_REMOVED :: dangerous :: FFF :: possibly-affected :: { guarded } :: guarded: Int @policy(policies: [["adult"]]) => guarded: Int
RATE_LIMIT_ADDED :: breaking :: FFP :: possibly-affected :: { ping } ::   ping: Int\n =>   ping: Int @rateLimit(limit: 1, window: 1)\n
RATE_LIMIT_TIGHTENED :: breaking :: FFP :: possibly-affected :: { limited } :: limit: 10, window: 60 => limit: 5, window: 60
RATE_LIMIT_LOOSENED :: dangerous :: FFF :: possibly-affected :: { limited } :: limit: 10, window: 60 => limit: 50, window: 60
RATE_LIMIT_REMOVED :: dangerous :: FFF :: possibly-affected :: { limited } :: limited: Int @rateLimit(limit: 10, window: 60) => limited: Int
COST_RAISED :: breaking :: FFP :: possibly-affected :: { costly } :: @cost(weight: 5) => @cost(weight: 50)
COST_LOWERED :: dangerous :: PPP :: possibly-affected :: { costly } :: costly: Int @cost(weight: 5) => costly: Int
AUTHENTICATED_ADDED :: breaking :: FFP :: possibly-affected :: { search(filter: { text: "x" }) { ... on Shop { city } } } :: type Shop { => type Shop @authenticated {
AUTHENTICATED_ADDED :: breaking :: FFP :: possibly-affected :: { node(id: 1) { label } } ::   label: String\n  name =>   label: String @authenticated\n  name
`);

/** Changes of federation: who answers, what composes, what is hidden. */
export const federationRows = readRows(String.raw`
KEY_REMOVED :: dangerous :: PPP :: unaffected :: { reviews { text } } :: reviews: type Review @key(fields: "text") { => type Review {
INVALID_FIELD_SHARING :: uncomposed :: FFF :: - :: - :: @key(fields: "id") { => {
KEY_ADDED :: safe :: PPP :: unaffected :: { product(id: 1) { id name } } :: type Product implements Node @key(fields: "id") => type Product implements Node @key(fields: "id") @key(fields: "name")
SATISFIABILITY_ERROR :: uncomposed :: FFF :: - :: - :: reviews: type Product @key(fields: "id") { => type Product { && reviews:   id: ID!\n  stars =>   stars
INVALID_FIELD_SHARING :: uncomposed :: FFF :: - :: - ::   shared: String @shareable =>   shared: String
INVALID_FIELD_SHARING :: uncomposed :: FFF :: - :: - :: reviews:   shared: String @shareable\n =>   shared: String @shareable\n  price: Int @shareable\n
FIELD_MOVED :: dangerous :: PPP :: unaffected :: { product(id: 1) { stock } } :: reviews:   stars: Float\n =>   stars: Float\n  stock: Int @override(from: "catalog")\n
FIELD_MOVED :: dangerous :: PPP :: unaffected :: { product(id: 1) { stock } } ::   stock: Int\n =>  && reviews:   stars: Float\n =>   stars: Float\n  stock: Int\n
ENTITY_SPLIT :: dangerous :: PPP :: unaffected :: { node(id: 1) { ... on Brand { title } } } :: type Brand implements Node { => type Brand implements Node @key(fields: "id") { &&   title: String!\n =>  && reviews: type Review @key(fields: "text") { => type Brand @key(fields: "id") {\n  id: ID!\n  title: String!\n}\ntype Review @key(fields: "text") {
FIELD_REMOVED :: breaking :: FFP :: broken :: { product(id: 1) { stock } } ::   stock: Int\n =>   stock: Int @inaccessible\n
INACCESSIBLE_REMOVED :: dangerous :: PPP :: unaffected :: { product(id: 1) { id name } } ::   hidden: String @inaccessible =>   hidden: String
TAG_ADDED :: safe :: PPP :: unaffected :: { product(id: 1) { stock } } ::   stock: Int\n =>   stock: Int @tag(name: "partner")\n
REQUIRES_CYCLE :: uncomposed :: FFF :: - :: - ::   stock: Int\n =>   stock: Int @requires(fields: "stars")\n  stars: Float @external\n && reviews:   stars: Float\n =>   stars: Float @requires(fields: "stock")\n  stock: Int @external\n
REQUIRES_ADDED :: safe :: PPP :: unaffected :: { product(id: 1) { stock } } ::   stock: Int\n =>   stock: Int @requires(fields: "stars")\n  stars: Float @external\n
OVERRIDE_ADDED :: dangerous :: PPP :: unaffected :: { product(id: 1) { stars } } :: reviews:   stars: Float\n =>   stars: Float @override(from: "nowhere")\n
FIELD_TYPE_MISMATCH :: uncomposed :: FFF :: - :: - :: reviews:   id: ID!\n  stars =>   id: Int!\n  stars
SDL_SYNTAX_ERROR :: uncomposed :: FFF :: - :: - :: reviews: type Review @key(fields: "text") { => type Review @key(fields: "text") {{
`);
