import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { propertyRuns } from '../../../../tests/support/property-runs.ts';
import { compose } from '../../compose/compose.ts';
import { type Change, severityOf } from '../../model/change.ts';
import { changesBetween } from '../changes.ts';
import { rateLimits } from './limits.ts';
import { alternatives } from './permissions.ts';
import { directiveRules } from './rules.ts';

const links = `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: [
    "@key" "@shareable" "@external" "@provides" "@requires" "@override" "@inaccessible" "@tag" "@cost" "@listSize"
    "@interfaceObject" "@authenticated" "@requiresScopes" "@policy" "@composeDirective"
  ])
  @link(url: "https://rookery.invalid/rateLimit/v1.0", import: ["@rateLimit"])
  @link(url: "https://rookery.invalid/readBack/v1.0", import: ["@readBack"])
  @link(url: "https://acme.example/audit/v1.0", import: ["@audit"])
  @composeDirective(name: "@rateLimit") @composeDirective(name: "@readBack") @composeDirective(name: "@audit")
directive @rateLimit(limit: Int!, window: Int!, key: String! = "viewer") repeatable on FIELD_DEFINITION
directive @readBack on FIELD_DEFINITION
directive @audit(level: Int) on FIELD_DEFINITION | OBJECT | ARGUMENT_DEFINITION
directive @local(level: Int) on FIELD_DEFINITION
`;

/** The catalog is the subgraph that changes; it marks what tests replace with names in capitals. */
const catalog = (marks: Readonly<Record<string, string>> = {}): string => {
  const text = `${links}
type Query { product(id: ID! ON_ARGUMENT, filter: Filter): Product ON_FIELD  page(first: Int, last: Int): Page ON_PAGE  pages(first: Int): [Page] ON_LIST }
interface Node ON_INTERFACE { id: ID!  secret: String ON_INTERFACE_FIELD }
type Product implements Node @key(fields: "id") ON_TYPE { id: ID!  secret: String ON_SECRET  name: String @shareable  sku: String ON_SKU }
type Page { edges: [Product]  items: [Product] }
input Filter { text: String ON_INPUT  color: Color }
enum Color ON_ENUM { RED  BLUE ON_VALUE }
scalar Money ON_SCALAR
type Price { amount: Money }
type Mutation { buy: Product ON_MUTATION }
`;
  for (const mark of Object.keys(marks)) if (!text.includes(mark)) throw new Error(`no such mark: ${mark}`);
  return text.replaceAll(/ON_[A-Z_]+/g, (mark) => marks[mark] ?? '');
};

const reviews = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])
type Product @key(fields: "id") { id: ID!  name: String @shareable  stars: Int }
`;

const between = async (before: string, after: string, other = reviews) => {
  const [base, head] = [before, after].map((sdl) => compose({ catalog: sdl, reviews: other }));
  if (!base || !head) throw new Error('nothing to compare');
  return changesBetween(base, head);
};

const on = (mark: string, directive: string) => catalog({ [mark]: directive });
const textOf = (change: Change) => `${severityOf(change)}: ${change.message}`;

describe('a change of a directive', () => {
  // Each row: a directive, its state before and after, and the result of the check.
  test.each<[mark: string, before: string, after: string, ...expected: string[]]>([
    ['ON_FIELD', '', '@authenticated', "breaking: @authenticated of 'Query.product' was added."],
    ['ON_FIELD', '@authenticated', '', "security: @authenticated of 'Query.product' was removed."],
    ['ON_TYPE', '', '@authenticated', "breaking: @authenticated of 'Product' was added."],
    ['ON_TYPE', '@authenticated', '', "security: @authenticated of 'Product' was removed."],
    ['ON_ENUM', '@authenticated', '', "security: @authenticated of 'Color' was removed."],
    ['ON_SCALAR', '@authenticated', '', "security: @authenticated of 'Money' was removed."],
    ['ON_MUTATION', '@authenticated', '', "security: @authenticated of 'Mutation.buy' was removed."],
    [
      'ON_FIELD',
      '',
      '@requiresScopes(scopes: [["a", "b"], ["c"]])',
      "breaking: @requiresScopes of 'Query.product' was added: a and b, or c.",
    ],
    [
      'ON_FIELD',
      '@requiresScopes(scopes: [["a"]])',
      '',
      "security: @requiresScopes of 'Query.product' was removed: a.",
    ],
    [
      'ON_FIELD',
      '@requiresScopes(scopes: [["a"]])',
      '@requiresScopes(scopes: [["a", "b"]])',
      "breaking: @requiresScopes of 'Query.product' was tightened from a to a and b.",
    ],
    [
      'ON_FIELD',
      '@requiresScopes(scopes: [["a"]])',
      '@requiresScopes(scopes: [["a"], ["b"]])',
      "security: @requiresScopes of 'Query.product' was loosened from a to a, or b.",
    ],
    [
      'ON_FIELD',
      '@requiresScopes(scopes: [["a"]])',
      '@requiresScopes(scopes: [["b"]])',
      "breaking: @requiresScopes of 'Query.product' was tightened from a to b.",
      "security: @requiresScopes of 'Query.product' was loosened from a to b.",
    ],
    [
      'ON_FIELD',
      '@requiresScopes(scopes: [["a", "b"], ["c"]])',
      '@requiresScopes(scopes: [["c"], ["b", "a"]])',
    ],
    [
      'ON_FIELD',
      '@policy(policies: [["staff"]])',
      '',
      "security: @policy of 'Query.product' was removed: staff.",
    ],
    [
      'ON_FIELD',
      '',
      '@policy(policies: [["staff"]])',
      "breaking: @policy of 'Query.product' was added: staff.",
    ],
    [
      'ON_FIELD',
      '',
      '@rateLimit(limit: 10, window: 60)',
      "breaking: @rateLimit of 'Query.product' by viewer was added: 10 in 60 s.",
    ],
    [
      'ON_FIELD',
      '@rateLimit(limit: 10, window: 60)',
      '@rateLimit(limit: 5, window: 60)',
      "breaking: @rateLimit of 'Query.product' by viewer was tightened from 10 in 60 s to 5 in 60 s.",
    ],
    [
      'ON_FIELD',
      '@rateLimit(limit: 10, window: 60)',
      '@rateLimit(limit: 10, window: 30)',
      "security: @rateLimit of 'Query.product' by viewer was loosened from 10 in 60 s to 10 in 30 s.",
    ],
    [
      'ON_FIELD',
      '@rateLimit(limit: 10, window: 60) @rateLimit(limit: 100, window: 60, key: "address")',
      '@rateLimit(limit: 10, window: 60)',
      "security: @rateLimit of 'Query.product' by address was removed: 100 in 60 s.",
    ],
    [
      'ON_FIELD',
      '@rateLimit(limit: 10, window: 60)',
      '@rateLimit(limit: 10, window: 60, key: "id")',
      "breaking: @rateLimit of 'Query.product' by id was added: 10 in 60 s.",
      "security: @rateLimit of 'Query.product' by viewer was removed: 10 in 60 s.",
    ],
    [
      'ON_FIELD',
      '',
      '@rateLimit(limit: 0, window: 60)',
      'breaking: @rateLimit of \'Query.product\' has arguments that the gateway cannot read: [{"limit":0,"window":60}].',
    ],
    ['ON_FIELD', '', '@cost(weight: 5)', "breaking: @cost of 'Query.product' rose from 0 to 5."],
    ['ON_FIELD', '@cost(weight: 5)', '', "dangerous: @cost of 'Query.product' fell from 5 to 0."],
    ['ON_ARGUMENT', '', '@cost(weight: 5)', "breaking: @cost of 'Query.product.id' rose from 0 to 5."],
    [
      'ON_INPUT',
      '@cost(weight: 2)',
      '@cost(weight: 5)',
      "breaking: @cost of 'Filter.text' rose from 2 to 5.",
    ],
    ['ON_TYPE', '', '@cost(weight: 1)'],
    ['ON_TYPE', '', '@cost(weight: 3)', "breaking: @cost of 'Product' rose from 1 to 3."],
    ['ON_SCALAR', '', '@cost(weight: 1)', "breaking: @cost of 'Money' rose from 0 to 1."],
    [
      'ON_LIST',
      '@listSize(assumedSize: 5)',
      '@listSize(assumedSize: 50)',
      "breaking: @listSize of 'Query.pages' assumes 50 items instead of 5.",
    ],
    [
      'ON_LIST',
      '@listSize(assumedSize: 50)',
      '',
      "dangerous: @listSize of 'Query.pages' assumes 10 items instead of 50.",
    ],
    [
      'ON_PAGE',
      '@listSize(sizedFields: ["edges"])',
      '@listSize(sizedFields: ["items", "edges"])',
      "breaking: @listSize of 'Query.page' gives the size of edges, items instead of edges.",
    ],
    [
      'ON_PAGE',
      '@listSize(slicingArguments: ["first"], sizedFields: ["edges"])',
      '@listSize(slicingArguments: ["first", "last"], sizedFields: ["edges"])',
      "breaking: @listSize of 'Query.page' counts items by first, last instead of first.",
    ],
    [
      'ON_PAGE',
      '@listSize(sizedFields: ["edges"], requireOneSlicingArgument: false)',
      '@listSize(sizedFields: ["edges"])',
      "safe: @listSize of 'Query.page' asks for one slicing argument.",
    ],
    ['ON_MUTATION', '', '@readBack', "dangerous: @readBack of 'Mutation.buy' was added."],
    ['ON_MUTATION', '@readBack', '', "breaking: @readBack of 'Mutation.buy' was removed."],
    [
      'ON_FIELD',
      '',
      '@tag(name: "partner")',
      'safe: @tag of \'Query.product\' was added: (name: "partner").',
    ],
    ['ON_VALUE', '@tag(name: "a")', '', 'safe: @tag of \'Color.BLUE\' was removed: (name: "a").'],
    ['ON_FIELD', '', '@audit(level: 1)', "dangerous: @audit of 'Query.product' was added: (level: 1)."],
    [
      'ON_FIELD',
      '@audit(level: 1)',
      '@audit(level: 2)',
      "dangerous: @audit of 'Query.product' changed from (level: 1) to (level: 2).",
    ],
    ['ON_ARGUMENT', '@audit', '', "dangerous: @audit of 'Query.product.id' was removed."],
    ['ON_FIELD', '', '@local', "dangerous: @local of 'Query.product' in subgraph 'catalog' was added."],
    ['ON_SKU', '', '@shareable', "safe: @shareable of 'Product.sku' in subgraph 'catalog' was added."],
    ['ON_SKU', '@shareable', '', "dangerous: @shareable of 'Product.sku' in subgraph 'catalog' was removed."],
    [
      'ON_TYPE',
      '@key(fields: "sku")',
      '',
      "dangerous: @key of 'Product' in subgraph 'catalog' was removed: (fields: \"sku\").",
    ],
  ])('%s: "%s" becomes "%s"', async (mark, before, after, ...expected) => {
    expect((await between(on(mark, before), on(mark, after))).map(textOf)).toEqual(expected);
  });

  test('that composition repeats at an interface is reported at the type alone', async () => {
    const [before, after] = [catalog({ ON_SECRET: '@authenticated' }), catalog()];
    expect((await between(before, after)).map(textOf)).toEqual([
      "security: @authenticated of 'Product.secret' was removed.",
    ]);
    const limited = catalog({ ON_INTERFACE_FIELD: '@rateLimit(limit: 1, window: 1)' });
    expect((await between(limited, after)).map(textOf)).toEqual([
      "security: @rateLimit of 'Node.secret' by viewer was removed: 1 in 1 s.",
    ]);
  });

  test('to @listSize counts the defaults of arguments, and no argument that is new', async () => {
    const sized = (args: string, directive: string) =>
      on('ON_PAGE', directive).replace('page(first: Int, last: Int)', `page(${args})`);
    const before = sized(
      'first: Int = 20',
      '@listSize(slicingArguments: ["first"], sizedFields: ["edges"], requireOneSlicingArgument: false)',
    );
    const both = (assumed: number) =>
      sized(
        'first: Int, last: Int',
        `@listSize(assumedSize: ${assumed}, slicingArguments: ["first", "last"], sizedFields: ["edges"], requireOneSlicingArgument: false)`,
      );
    const ofListSize = async (after: string) =>
      (await between(before, after)).map(textOf).filter((text) => text.includes('@listSize'));
    expect(await ofListSize(both(20))).toEqual([]);
    expect(await ofListSize(both(21))).toEqual([
      "breaking: @listSize of 'Query.page' assumes 21 items instead of 20.",
    ]);
    expect(await ofListSize(both(19))).toEqual([
      "dangerous: @listSize of 'Query.page' assumes 19 items instead of 20.",
    ]);
  });

  test('that hides an element is one of the API; one that shows it is dangerous', async () => {
    const [hidden, shown] = [catalog({ ON_SKU: '@inaccessible' }), catalog()];
    expect((await between(shown, hidden)).map((change) => [severityOf(change), change.coordinate])).toEqual([
      ['breaking', 'Product.sku'],
    ]);
    expect((await between(hidden, shown)).map(textOf)).toEqual([
      "dangerous: @inaccessible of 'Product.sku' was removed.",
      expect.stringContaining('safe: Field'),
    ]);
  });

  test('that moves a field to another subgraph is dangerous', async () => {
    const shared = on('ON_SKU', '@shareable');
    const [before, after] = ['@shareable', '@override(from: "catalog")'].map((directive) =>
      reviews
        .replace('"@shareable"', '"@shareable", "@override"')
        .replace('stars', `sku: String ${directive}  stars`),
    );
    const [base, head] = [before, after].map((sdl) => compose({ catalog: shared, reviews: sdl ?? '' }));
    if (!base || !head) throw new Error('nothing to compare');
    expect((await changesBetween(base, head)).map(textOf)).toEqual([
      "dangerous: @shareable of 'Product.sku' in subgraph 'reviews' was removed.",
      "dangerous: @override of 'Product.sku' in subgraph 'reviews' was added: (from: \"catalog\").",
    ]);
  });

  test('is seen under another name, and not if only the name changes', async () => {
    const renamed = (sdl: string) =>
      sdl
        .replace('"@authenticated"', '{ name: "@authenticated", as: "@signedIn" }')
        .replaceAll('@authenticated ', '@signedIn ');
    const plain = on('ON_FIELD', '@authenticated ');
    expect(renamed(plain)).toContain('Product @signedIn');
    expect(await between(plain, renamed(plain))).toEqual([]);
    expect((await between(renamed(plain), renamed(catalog()))).map(textOf)).toEqual([
      "security: @signedIn of 'Query.product' was removed.",
    ]);
  });

  test('of a directive with a known name and another specification is not taken for the known one', async () => {
    const foreign = (sdl: string) =>
      sdl.replace('https://rookery.invalid/readBack/v1.0', 'https://acme.example/readBack/v1.0');
    const changes = await between(foreign(catalog()), foreign(on('ON_MUTATION', '@readBack')));
    expect(changes.map(textOf)).toEqual([
      "dangerous: @readBack of 'Mutation.buy' was added.",
      "dangerous: @readBack of 'Mutation.buy' in subgraph 'catalog' has no effect.",
    ]);
  });

  test('that composition drops is named', async () => {
    const dropped = on('ON_FIELD', '@rateLimit(limit: 1, window: 1)').replace(
      '@composeDirective(name: "@rateLimit")',
      '',
    );
    expect((await between(catalog(), dropped)).map(textOf)).toEqual([
      "dangerous: @rateLimit of 'Query.product' in subgraph 'catalog' has no effect.",
    ]);
  });

  test('of an element that is new or gone is no change by itself', async () => {
    const more = catalog().replace('type Mutation {', 'type Mutation { sell: Product @authenticated ');
    expect((await between(catalog(), more)).map((change) => [severityOf(change), change.coordinate])).toEqual(
      [['safe', 'Mutation.sell']],
    );
    expect((await between(more, catalog())).map((change) => [severityOf(change), change.coordinate])).toEqual(
      [['breaking', 'Mutation.sell']],
    );
  });
});

describe('whom a rule lets through', () => {
  const names = ['a', 'b', 'c'];
  const lists = fc.array(fc.subarray(names), { maxLength: 4 });
  /** Every set of names. */
  const tokens = Array.from({ length: 2 ** names.length }, (_, bits) =>
    names.filter((_name, i) => bits & (1 << i)),
  );
  const passes = (anyOf: readonly (readonly string[])[], token: readonly string[]) =>
    anyOf.some((all) => all.every((name) => token.includes(name)));
  const place = { directive: '@requiresScopes', kind: 'FieldDefinition' };

  test('scopes are tightened if some token loses access, and loosened if some token gains it', () => {
    fc.assert(
      fc.property(lists, lists, (before, after) => {
        const verdicts = alternatives('scopes')([{ scopes: before }], [{ scopes: after }], place);
        const loses = tokens.some((token) => passes(before, token) && !passes(after, token));
        const gains = tokens.some((token) => !passes(before, token) && passes(after, token));
        const severities = verdicts.map(({ severity }) => severity);
        expect(severities).toEqual([...(loses ? ['breaking'] : []), ...(gains ? ['security'] : [])]);
      }),
      { numRuns: propertyRuns(1_000) },
    );
  });

  test('a rate limit whose change is neither tightened nor loosened lets through the same requests', () => {
    const limit = fc.record({
      limit: fc.integer({ min: 1, max: 4 }),
      window: fc.integer({ min: 1, max: 4 }),
    });
    const limits = fc.array(limit, { maxLength: 3 });
    // Times of requests; each limit is a bucket that is full at first and filled steadily.
    const times = fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 20 });
    const allows = (all: readonly { limit: number; window: number }[], requests: readonly number[]) =>
      all.every(({ limit: capacity, window }) => {
        let [left, at] = [capacity, 0];
        return requests.every((time) => {
          left = Math.min(capacity, left + ((time - at) * capacity) / window) - 1;
          at = time;
          return left >= -1e-9;
        });
      });
    fc.assert(
      fc.property(limits, limits, times, (before, after, unsorted) => {
        const requests = unsorted.toSorted((a, b) => a - b);
        const severities = rateLimits(before, after, { ...place, directive: '@rateLimit' }).map(
          ({ severity }) => severity,
        );
        const [was, is] = [allows(before, requests), allows(after, requests)];
        if (was && !is) expect(severities).toContain('breaking');
        if (!was && is) expect(severities).toContain('security');
      }),
      { numRuns: propertyRuns(2_000) },
    );
  });
});

test('the reference names every directive that has a rule', () => {
  const reference = readFileSync(
    new URL('../../../../docs/reference/schema-check.md', import.meta.url),
    'utf8',
  );
  const names = Object.keys(directiveRules);
  expect(names.filter((name) => !reference.includes(`\`@${name}\``))).toEqual([]);
});

test('every directive of federation has a rule', async () => {
  const { FEDERATION_VERSIONS } = await import('@apollo/federation-internals');
  const names = FEDERATION_VERSIONS.latest()
    .directiveSpecs()
    .map(({ name }) => name);
  expect(names.length).toBeGreaterThan(15);
  expect(names.filter((name) => !Object.hasOwn(directiveRules, name))).toEqual([]);
});
