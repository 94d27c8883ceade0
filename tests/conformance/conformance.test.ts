import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askMonolith } from './monolith.ts';
import { queries } from './queries.ts';
import { type ConformanceWorld, startConformanceWorld } from './world.ts';

/**
 * The gateway's answer against that of one executable schema with the same data: entity keys (two, one of them
 * compound), @requires with arguments, @provides, @override, @interfaceObject, interfaces, unions, and what null
 * does where the schema promises none.
 */
describe('the gateway answers as one executable schema would', () => {
  let world: ConformanceWorld;
  beforeAll(async () => {
    world = await startConformanceWorld();
  });
  afterAll(() => world?.[Symbol.asyncDispose]());

  const agree = async (query: string) => {
    const [theirs, ours] = [await askMonolith(world.schema, query), await world.ask(query)];
    expect({ data: ours.data, failed: ours.errors !== undefined }, query).toEqual({
      data: JSON.parse(JSON.stringify(theirs.data)),
      failed: theirs.errors !== undefined,
    });
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
    [
      'a union',
      '{ search(text: "e") { __typename ... on Product { name shippingCost } ... on Book { title rating } ... on Film { minutes } } }',
    ],
    ['a null where none was promised, in a list of nullable items', '{ users { name rank } }'],
    [
      'a null where none was promised, on its way up through what must be there',
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
  ])('%s', async (_what, query) => {
    await agree(query);
  });

  it('a key under an alias within a fragment on an interface object', async () => {
    await agree('{ lastReview { about { ... on Book { __typename a: id } } id } }');
  });

  it('for any query', async () => {
    // One seed for everybody: another is tried by hand, `CONFORMANCE_SEED=7 npm test -- tests/conformance`.
    const seed = Number(process.env.CONFORMANCE_SEED ?? 1);
    await fc.assert(fc.asyncProperty(queries(world.schema), agree), { numRuns: 300, seed });
  });
});
