import { buildSubgraphSchema } from '@apollo/subgraph';
import { newId } from '@rookery/runtime';
import { apiSchemaOf, composeSupergraph } from '@rookery/schema/compose';
import fc from 'fast-check';
import {
  defaultFieldResolver,
  type ExecutionResult,
  execute,
  type GraphQLSchema,
  parse,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { monolithRoot } from '../support/conformance/monolith.ts';
import { type Asked, operations } from '../support/conformance/queries.ts';
import { resolvers, sdls } from '../support/conformance/subgraphs.ts';
import { generousLimits } from '../support/gateway/bare-gateway.ts';
import { startGateway, type TestGateway } from '../support/gateway/gateway.ts';
import { startSubgraph, type TestSubgraph } from '../support/gateway/subgraph.ts';
import { startGatewayKeys } from '../support/index.ts';
import { propertyRuns } from '../support/property-runs.ts';

/** Adds directives to fields or types of the SDL of the conformance subgraphs. */
const protect = (sdl: string, rules: Readonly<Record<string, string>>): string =>
  Object.entries(rules).reduce(
    (text, [place, rule]) => {
      if (!text.includes(place)) throw new Error(`no ${place}`);
      return text.replace(place, `${place} ${rule}`);
    },
    sdl.replace('["@key"', '["@authenticated", "@requiresScopes", "@policy", "@key"'),
  );

const scoped = (...all: string[]) => `@requiresScopes(scopes: [${JSON.stringify(all)}])`;
const protectedSdls: Record<keyof typeof sdls, string> = {
  catalog: protect(sdls.catalog, {
    'price: Int': scoped('prices'),
    'pages: Int': '@authenticated',
    'stars: Int': scoped('ratings'),
    'type Film implements Media': '@authenticated',
    'product(upc: ID!): Product': '@policy(policies: [["buyer"], ["staff", "senior"]])',
  }),
  shipping: protect(sdls.shipping, {
    '@requires(fields: "weight(unit: KILO) price")': scoped('prices'),
  }),
  reviews: protect(sdls.reviews, {
    'rating: Float': scoped('ratings'),
    'lastReview: Review': scoped('a', 'b'),
  }),
  accounts: protect(sdls.accounts, {
    'email: String': scoped('email'),
    'rank: Int!': '@policy(policies: [["staff"]])',
  }),
};

interface Grants {
  readonly signedIn: boolean;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
}

/** The oracle: whether somebody may have a field of an object, written down by hand. */
const may = (type: string, field: string, { signedIn, scopes, roles }: Grants): boolean => {
  const has = (scope: string) => signedIn && scopes.includes(scope);
  const is = (role: string) => signedIn && roles.includes(role);
  if (type === 'Film' && !signedIn) return false;
  switch (`${type}.${field}`) {
    case 'Product.price':
    case 'Product.shippingCost':
      return has('prices');
    case 'Book.pages':
      return signedIn;
    case 'Query.product':
      return is('buyer') || (is('staff') && is('senior'));
    case 'Book.rating':
    case 'Film.rating':
    case 'Film.stars':
      return has('ratings');
    case 'Query.lastReview':
      return has('a') && has('b');
    case 'User.email':
      return has('email');
    case 'User.rank':
      return is('staff');
    default:
      return true;
  }
};

const anybody: fc.Arbitrary<Grants> = fc.record({
  signedIn: fc.boolean(),
  scopes: fc.subarray(['prices', 'ratings', 'a', 'b', 'email']),
  roles: fc.subarray(['staff', 'senior', 'buyer']),
});

class DeniedByOracleError extends Error {}

/** Keys lead from subgraph to subgraph, whoever asks; they reach nobody who may not have them. */
const keys = new Set(['__typename', 'id', 'upc', 'sku', 'vendor', 'code']);

let gateway: TestGateway;
let schema: GraphQLSchema;
const subgraphs: TestSubgraph[] = [];
const resources = new AsyncDisposableStack();
const viewer = newId();

beforeAll(async () => {
  const gatewayKeys = resources.use(await startGatewayKeys());
  for (const name of Object.keys(sdls) as (keyof typeof sdls)[])
    subgraphs.push(
      resources.use(await startSubgraph(name, protectedSdls[name], resolvers[name], gatewayKeys.keysUrl)),
    );
  const supergraph = composeSupergraph(protectedSdls);
  schema = apiSchemaOf(supergraph);
  gateway = resources.use(
    await startGateway({
      limits: generousLimits,
      options: {
        supergraph,
        subgraphs: Object.fromEntries(subgraphs.map(({ name, url }) => [name, url])),
        internalKeyFiles: [gatewayKeys.keyFile],
      },
    }),
  );
});
afterAll(() => resources.disposeAsync());

const tokens = new Map<string, Promise<string>>();
const tokenOf = ({ signedIn, scopes, roles }: Grants): Promise<string> | undefined => {
  if (!signedIn) return undefined;
  const key = JSON.stringify([scopes, roles]);
  const token =
    tokens.get(key) ?? gateway.issuer.token(viewer, { claims: { scope: scopes.join(' '), roles } });
  tokens.set(key, token);
  return token;
};

const ask = async (query: string, grants: Grants, variables = {}) => {
  const token = await tokenOf(grants);
  return gateway.ask(query, variables, token === undefined ? {} : { token });
};

/** Returns the response of a monolith whose resolvers deny fields. */
const oracle = async ({ query, variables }: Asked, grants: Grants): Promise<ExecutionResult> =>
  execute({
    schema,
    variableValues: variables,
    document: parse(query),
    rootValue: monolithRoot,
    fieldResolver: (source, args, context, info) => {
      if (!may(info.parentType.name, info.fieldName, grants)) throw new DeniedByOracleError();
      return defaultFieldResolver(source, args, context, info);
    },
  });

const valueAt = (data: unknown, path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>(
    (value, key) => (value as Record<string | number, unknown> | null | undefined)?.[key],
    data,
  );

/** Fields in what a subgraph was sent that who asked may not have. */
const seen = ({ name, queries: sent }: TestSubgraph, grants: Grants): string[] => {
  const own = buildSubgraphSchema(parse(protectedSdls[name as keyof typeof sdls]));
  const found: string[] = [];
  for (const text of sent) {
    const types = new TypeInfo(own);
    visit(
      parse(text),
      visitWithTypeInfo(types, {
        Field: ({ name: field }) => {
          const type = types.getParentType()?.name ?? '';
          // For an interface, the rules of its other types apply.
          if (type !== 'Media' && !keys.has(field.value) && !may(type, field.value, grants))
            found.push(`${type}.${field.value}`);
        },
      }),
    );
  }
  return found;
};

const agree = async (asked: Asked, grants: Grants): Promise<void> => {
  for (const subgraph of subgraphs) subgraph.queries.length = 0;
  const [theirs, ours] = [await oracle(asked, grants), await ask(asked.query, grants, asked.variables)];
  const query = JSON.stringify(asked);
  for (const subgraph of subgraphs) expect(seen(subgraph, grants), query).toEqual([]);
  const refused = grants.signedIn ? 'FORBIDDEN' : 'UNAUTHENTICATED';
  expect(ours.data, query).toEqual(JSON.parse(JSON.stringify(theirs.data)));
  const paths = new Set(
    (ours.errors ?? [])
      .filter(({ extensions }) => extensions.code === refused)
      .map(({ path }) => JSON.stringify(path)),
  );
  const denied = (theirs.errors ?? []).filter(
    ({ originalError }) => originalError instanceof DeniedByOracleError,
  );
  // If another error has nulled the whole response, denied fields in it need no error.
  const isTaken = ours.data === null && (ours.errors?.length ?? 0) > paths.size;
  if (isTaken) return;
  if (denied.length === (theirs.errors?.length ?? 0)) expect(paths.size > 0, query).toBe(denied.length > 0);
  else if (denied.length === 0) expect(paths.size, query).toBe(0);
  for (const { path = [] } of denied)
    if (valueAt(theirs.data, path) === null) expect(paths, query).toContain(JSON.stringify(path));
};

const nobody: Grants = { signedIn: false, scopes: [], roles: [] };
const user: Grants = { signedIn: true, scopes: [], roles: [] };

describe('what somebody may not have', () => {
  it.each([
    ['at the root', '{ lastReview { id } reviews { id } }'],
    ['behind an alias', '{ users { name mail: email } }'],
    ['that may not be null takes its parent', '{ users { name rank } }'],
    ['behind @requires', '{ products { name shippingCost heavy price } }'],
    [
      'of an interface, for one of its types',
      '{ allMedia { id title ... on Book { pages } ... on Film { minutes } } }',
    ],
    ['of an interface object', '{ allMedia { rating reviews { id } } }'],
    [
      'in a named fragment',
      'query { reviews { ...R } } fragment R on Review { author { ...U } } fragment U on User { email rank }',
    ],
    [
      'in a union',
      '{ search(text: "e") { __typename ... on Media { id rating } ... on Product { price name } } }',
    ],
    ['in fragments of fragments', '{ allMedia { ... on Media { ... on Film { ... on Media { title } } } } }'],
    [
      'beside __typename under the same key',
      '{ allMedia { __typename t: __typename ... on Film { a: title } } }',
    ],
    ['and nothing else', '{ lastReview { id } }'],
    ['left out by @skip', '{ users { name email @skip(if: true) rank @include(if: false) } }'],
    ['twice under one key', '{ users { email email friend { email } friend { name } } }'],
  ])('%s', async (_what, query) => {
    const asked = { query, variables: {} };
    await agree(asked, nobody);
    await agree(asked, user);
    await agree(asked, {
      signedIn: true,
      scopes: ['prices', 'ratings', 'a', 'b', 'email'],
      roles: ['staff'],
    });
  });

  it.each([
    ['at the root', 'query ($v: Boolean = true) { lastReview @skip(if: $v) { id } users { id } }'],
    ['below it', 'query ($v: Boolean = true) { users { id email @include(if: $v) } reviews { id } }'],
    ['of one type', 'query ($v: Boolean = true) { allMedia { id title @skip(if: $v) } users { id } }'],
  ])('with a condition that is null in spite of its default, %s', async (_where, query) => {
    await agree({ query, variables: { v: null } }, nobody);
    await agree({ query, variables: { v: null } }, user);
  });

  it('is named by its path; who is not signed in is told to, who is is forbidden', async () => {
    const query = '{ users { name email } }';
    const errors = (code: string, message: string) =>
      [0, 1, 2].map((i) => ({ message, path: ['users', i, 'email'], extensions: { code } }));
    expect((await ask(query, nobody)).errors).toEqual(errors('UNAUTHENTICATED', 'Sign in first.'));
    expect((await ask(query, user)).errors).toEqual(errors('FORBIDDEN', 'You may not have this.'));
  });

  it('is decided with the values of the variables', async () => {
    const query = 'query ($with: Boolean!) { users { name email @include(if: $with) } }';
    const asked = (value: boolean) => gateway.ask(query, { with: value });
    expect((await asked(false)).errors).toBeUndefined();
    expect((await asked(true)).errors).toHaveLength(3);
  });

  it('costs a subgraph no request if nothing else is selected', async () => {
    for (const subgraph of subgraphs) subgraph.queries.length = 0;
    expect((await ask('{ lastReview { id } }', nobody)).data).toEqual({ lastReview: null });
    expect(subgraphs.flatMap((subgraph) => subgraph.queries)).toEqual([]);
  });

  it('is as one schema would say whose resolvers refuse it, whatever is asked by whomever', async () => {
    const cases = fc.tuple(operations(schema, 'query'), anybody);
    await fc.assert(
      fc.asyncProperty(cases, ([asked, grants]) => agree(asked, grants)),
      {
        numRuns: Number(process.env.CONFORMANCE_RUNS ?? propertyRuns(60)),
        seed: Number(process.env.SEED ?? 7),
      },
    );
  }, 120_000);
});
