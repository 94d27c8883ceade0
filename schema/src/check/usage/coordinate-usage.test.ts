import { expect, test } from 'vitest';
import { apiSchema, compose } from '../../compose/compose.ts';
import { seen } from '../table/checked.ts';
import { tableSchema } from '../table/schema.ts';
import { coordinateUsage } from './coordinate-usage.ts';
import { liveOperations } from './live-operations.ts';

const usageOf = (...operations: ReturnType<typeof seen>[]) => {
  const { operations: live } = liveOperations({ operations }, [], []);
  const elements = coordinateUsage(apiSchema(compose(tableSchema)), live);
  return (coordinate: string) => elements.find((one) => one.coordinate === coordinate)?.count;
};

test('fields, arguments, enum values and input fields are counted by the operations that use them', () => {
  const count = usageOf(
    seen('query A { product(id: 1, currency: USD) { color } }', { count: 3 }),
    seen('query B { node(id: 1) { label } }', { count: 4 }),
    seen('mutation C($i: BuyInput!) { buy(input: $i) { id } }', { count: 5, inputs: ['BuyInput.amount'] }),
  );
  expect({
    field: count('Query.product'),
    argument: count('Query.product(currency:)'),
    otherArgument: count('Query.product(note:)'),
    literal: count('Currency.USD'),
    otherLiteral: count('Currency.EUR'),
    returned: count('Color.BLUE'),
    throughInterface: count('Brand.label'),
    held: count('BuyInput.amount'),
    notHeld: count('BuyInput.comment'),
    unused: count('Query.ping'),
  }).toEqual({
    ...{ field: 3, argument: 3, otherArgument: 0, literal: 3, otherLiteral: 0, returned: 3 },
    ...{ throughInterface: 4, held: 5, notHeld: 0, unused: 0 },
  });
});
