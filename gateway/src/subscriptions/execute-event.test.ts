import { GraphQLError } from 'graphql';
import { expect, test } from 'vitest';
import { projectEvent } from './execute-event.ts';
import type { LiveOperation } from './live-operation.ts';

const none = { lost: [], errors: [], refused: [] };
const error = new GraphQLError('odd');

/** An operation whose events are shaped like this. */
const live = (shaped: object = {}, isWhole = true, restore?: LiveOperation['restore']): LiveOperation =>
  ({
    plan: { variant: { shape: (data: object) => ({ data, ...none, ...shaped }) }, isWhole },
    variables: {},
    restore,
  }) as unknown as LiveOperation;

const event = { data: { told: { id: '1' } } };

test('an event that lacks nothing is its own answer', () => {
  expect(projectEvent(live(), event)).toBe('{"data":{"told":{"id":"1"}}}');
  expect(projectEvent(live(), { ...event, errors: [] })).toBe('{"data":{"told":{"id":"1"}}}');
});

test.each([
  ['shaping finds an invalid value', live({ errors: [error] }), event],
  ['a value was lost', live({ lost: [error] }), event],
  ['a condition is refused', live({ refused: [error] }), event],
  ['other subgraphs are needed', live({}, false), event],
  ['denied fields are to be restored', live({}, true, (answer) => answer), event],
  ['the subgraph reports an error', live(), { ...event, errors: [{ message: 'odd' }] }],
  ['it has no data', live(), { data: null }],
])('an event is executed if %s', (_, operation, received) => {
  expect(projectEvent(operation, received)).toBeUndefined();
});
