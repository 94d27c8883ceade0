import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { comparable } from '../support/conformance/compare.ts';
import { askMonolith, followMonolith } from '../support/conformance/monolith.ts';
import { type Asked, operations } from '../support/conformance/queries.ts';
import { propertyRuns } from '../support/property-runs.ts';
import { type ConformanceWorld, startConformanceWorld } from './world.ts';

/** One seed for everybody; `CONFORMANCE_SEED=7 CONFORMANCE_RUNS=2000 npm test -- tests/conformance` tries others. */
const seed = Number(process.env.CONFORMANCE_SEED ?? 1);
const numRuns = Number(process.env.CONFORMANCE_RUNS ?? propertyRuns(160));

/**
 * Compares the response of the gateway with that of one executable schema with the same data: entity keys
 * (two, one of them compound), @requires with arguments, @provides, @override, @interfaceObject, interfaces,
 * unions, and the propagation of nulls that violate the schema.
 */
describe('the gateway answers as one executable schema would', { timeout: 30_000 + numRuns * 500 }, () => {
  let world: ConformanceWorld;
  beforeAll(async () => {
    world = await startConformanceWorld();
  });
  afterAll(() => world?.[Symbol.asyncDispose]());

  const agree = async (asked: Asked) => {
    const whole = comparable(await askMonolith(world.schema, asked));
    expect(comparable(await world.ask(asked)), JSON.stringify(asked)).toBe(whole);
    // From the second time on, the answer of a single subgraph is handed on as it came.
    expect(comparable(await world.ask(asked)), JSON.stringify(asked)).toBe(whole);
  };

  it.each([
    ['entities by a simple key', '{ products { name stock } }'],
    ['entities by a compound key', '{ products { reviews { id text } } }'],
    ['both keys at once', '{ reviews { product { name stock shippingCost reviews { id } } } }'],
    ['an overridden field', '{ product(upc: "p2") { stock } }'],
    ['@provides', '{ reviews { author { name } } }'],
    ['@provides beside what is not provided', '{ reviews { author { name email } } }'],
    [
      'an interface object',
      '{ allMedia { id rating reviews { id about { title ... on Film { minutes } } } } }',
    ],
    [
      'an interface object, found from its own side',
      '{ reviews { about { __typename title rating ... on Book { pages } } } }',
    ],
    ['@requires on an interface object', '{ allMedia { rating score } }'],
    [
      '@requires on an interface object, of one type, beside another field of all',
      '{ allMedia { rating ... on Book { score } } }',
    ],
    [
      'what each type requires by itself, of an interface object',
      'query ($at: Int) { allMedia { id title ... on Book { score } ... on Film { age(in: $at) reviews { id } } } }',
    ],
    [
      'fields of an interface object that fail if they are not selected',
      '{ allMedia { rating ... on Book { blurb } ... on Film { caption } } }',
    ],
    [
      'a field of an interface object, asked for of one type and required of another',
      '{ allMedia { ... on Book { rating } ... on Film { stars } } }',
    ],
    [
      '@requires with arguments on an interface object, beside the same field with others',
      '{ allMedia { motto shout ... on Film { m: motto(loud: true) age } ... on Book { score } } }',
    ],
    [
      'the same for one type alone, found from its own side',
      '{ lastReview { about { motto ... on Film { shout } } } reviews { about { ... on Book { shout } } } }',
    ],
    [
      'fields of one type behind what is known as an interface object alone',
      '{ lastReview { about { rating ...B ... on Film { age } } } } fragment B on Book { score year }',
    ],
    [
      'a union over an interface object, found from its own side',
      '{ reviews { about { rating ... on Hit { __typename ... on Book { pages } } } } }',
    ],
    [
      'a named fragment on a union in a fragment on the interface, of an interface object',
      '{ lastReview { about { ... on Media { ...H reviews { id } } } } } fragment H on Hit { ... on Media { title rating } }',
    ],
    [
      'a union',
      '{ search(text: "e") { __typename ... on Product { name shippingCost } ... on Book { title rating } ... on Film { minutes } } }',
    ],
    ['a null that violates the schema, in a list of nullable items', '{ users { name rank } }'],
    [
      'a null that violates the schema, propagated through non-null fields',
      '{ reviews { id author { rank } } }',
    ],
    ['@requires with arguments', '{ products { shippingCost heavy } }'],
    [
      '@requires with arguments beside the same field with the same ones',
      '{ products { weight(unit: KILO) shippingCost } }',
    ],
    [
      '@requires with arguments beside the same field with others',
      '{ products { weight(unit: GRAM) shippingCost } }',
    ],
    [
      '@requires with arguments beside the same field with its default',
      '{ products { weight shippingCost heavy } }',
    ],
    [
      '@requires with arguments beside aliases of the same field',
      '{ products { weight: price a: weight b: weight(unit: KILO) shippingCost(express: true) } }',
    ],
    [
      '@requires with and without arguments within a required object, beside arguments of the client',
      '{ shipped { area edge dims { width(times: 3) depth: width } } }',
    ],
    [
      'what two fields require of one in different ways, with a variable',
      '{ shipped { shippingCost heavy label area } }',
    ],
    ['an alias that is the name of a key', '{ allMedia { id: title title: rating } }'],
    [
      'keys that have changed their names',
      '{ products { upc: name sku: stock name: upc reviews { id: text } } }',
    ],
    ['other names for and by __typename', '{ allMedia { __typename: title id: __typename rating } }'],
    [
      'names of the language',
      '{ __proto__: products { constructor: upc __proto__: stock } prototype: users { name } }',
    ],
    [
      'a key under an alias within a fragment on an interface object',
      '{ lastReview { about { ... on Book { __typename a: id } } id } }',
    ],
    [
      'one response name for a field with different arguments',
      '{ allMedia { ... on Book { a: reviews(first: 1) { id } } ... on Film { a: reviews(first: 2) { id } } } }',
    ],
    [
      'a condition on one of two fields that are fetched together',
      '{ shipped { edge area @skip(if: true) } }',
    ],
    [
      'the schema and data in one operation',
      '{ __schema { queryType { name } } id: users { id: name } type: __type(name: "Book") { ...T } } fragment T on __Type { kind fields { name } }',
    ],
    [
      'the schema behind a fragment',
      '{ ... { ...Q } } fragment Q on Query { a: __type(name: "Sku") { name } }',
    ],
    [
      'no more of a type than there is to be seen',
      '{ product: __type(name: "Product") { fields { name } } media: __type(name: "Media") { fields { name } } }',
    ],
    ['nothing but a type', '{ __typename a: __typename }'],
  ])('%s', async (_what, query) => {
    await agree({ query, variables: {} });
  });

  it('a variable that is called as one of the executor', async () => {
    const query = 'query ($representations: Boolean) { shipped { name(upper: $representations) } }';
    await agree({ query, variables: { representations: true } });
  });

  it.each([
    ['at the root', 'query ($a: Boolean = true) { users { name } reviews @include(if: $a) { id } }'],
    ['in a list', 'query ($a: Boolean = true) { users { id name @skip(if: $a) } r: reviews { id } }'],
    [
      'in fields of another subgraph, through a fragment',
      'query ($a: Boolean = true) { users { ...F ...F @include(if: $a) } } fragment F on User { name friend { reviewCount @skip(if: $a) } }',
    ],
    [
      'for missing objects, or without effect',
      'query ($a: Boolean = true) { user(id: "u9") { name @skip(if: $a) } users { id @skip(if: true) @include(if: $a) name } }',
    ],
    [
      'in the schema',
      'query ($a: Boolean = true) { __type(name: "Book") { name fields { name @include(if: $a) } } users { id } }',
    ],
    ['in what must be there', 'query ($a: Boolean = true) { reviews { id author { name @skip(if: $a) } } }'],
  ])('a condition that is null in spite of its default, %s', async (_where, query) => {
    await agree({ query, variables: { a: null } });
  });

  it('any query', async () => {
    await fc.assert(fc.asyncProperty(operations(world.schema, 'query'), agree), { numRuns, seed });
  });

  it('every event of any subscription', async () => {
    const agrees = async (asked: Asked) => {
      const [whole, ours] = [await followMonolith(world.schema, asked), await world.follow(asked)];
      expect(ours.map(comparable), JSON.stringify(asked)).toEqual(whole.map(comparable));
    };
    await fc.assert(fc.asyncProperty(operations(world.schema, 'subscription'), agrees), {
      numRuns: Math.ceil(numRuns / 4),
      seed,
    });
  });
});
