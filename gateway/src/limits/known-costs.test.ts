import { apiSchemaOf, composeSupergraph } from '@rookery/schema/compose';
import fc from 'fast-check';
import { getOperationAST, getVariableValues, parse, validate } from 'graphql';
import { expect, it } from 'vitest';
import { operationCost } from './cost.ts';
import { readCostRules } from './cost-rules.ts';
import { KnownCosts } from './known-costs.ts';

const supergraph = composeSupergraph({
  only: `
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@cost", "@listSize"])
    scalar Any
    type Query { find(in: Search, any: Any, text: String): [Thing], page(first: Int = 5): [Thing] }
    input Search { deep: Int @cost(weight: 7), text: String, more: [Search!] }
    type Thing { name: String @cost(weight: 2) }
  `,
});
const schema = apiSchemaOf(supergraph);
const model = {
  schema,
  rules: readCostRules(parse(supergraph)),
  limits: { listSize: 10, pageSize: 100 },
};
const document = parse(`
  query ($in: Search, $any: Any, $text: String, $first: Int, $with: Boolean = false) {
    find(in: $in, any: $any, text: $text) { name }
    page(first: $first) @include(if: $with) { name }
  }
`);
const operation = getOperationAST(document);
if (!operation) throw new Error('no operation');

const text = fc.constantFrom('', 'a', '""', '1', '},"first":1', 'true');
const { search } = fc.letrec<{ search: object }>((tie) => ({
  search: fc.record(
    {
      deep: fc.option(fc.integer({ min: 0, max: 3 })),
      text: fc.option(text),
      more: fc.array(tie('search'), { maxLength: 2 }),
    },
    { requiredKeys: [] },
  ),
}));
const variables = fc.record(
  {
    in: fc.option(search),
    any: fc.option(fc.oneof(text, fc.dictionary(text, fc.oneof(text, fc.integer({ max: 3 }))))),
    text: fc.option(text),
    first: fc.option(fc.integer({ min: 0, max: 20 })),
    with: fc.boolean(),
  },
  { requiredKeys: [] },
);

it('is the cost that would be computed, whatever was asked before', () => {
  expect(validate(schema, document)).toEqual([]);
  const known = new KnownCosts(document, operation, model);
  fc.assert(
    fc.property(variables, (given) => {
      const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], given);
      if (!coerced) throw new Error('a variable does not fit');
      const cost = operationCost(document, operation, coerced, model);
      expect(known.of(coerced)).toBe(cost);
      expect(known.of(coerced)).toBe(cost);
    }),
    { numRuns: 500 },
  );
});
