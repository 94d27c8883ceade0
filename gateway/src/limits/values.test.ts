import { RookeryError } from '@rookery/graphql-server';
import { parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { checkLiterals, checkVariableValues } from './values.ts';

const limits = { valueDepth: 5, literalListDepth: 3 };
const nested = (depth: number, open: string, close: string, inside = '') =>
  open.repeat(depth) + inside + close.repeat(depth);

const refusal = (check: () => void): unknown => {
  try {
    check();
    return undefined;
  } catch (error) {
    return error instanceof RookeryError ? [error.code, error.extensions.field] : error;
  }
};
const ofVariables = (json: string) => {
  const variables = JSON.parse(json) as Record<string, unknown>;
  return refusal(() => checkVariableValues(variables, Object.keys(variables), limits));
};
const ofLiteral = (text: string) => refusal(() => checkLiterals(parse(`{ a(of: ${text}) }`), limits));
const bad = (field: string) => ['BAD_USER_INPUT', field];

describe('variables', () => {
  test.each([
    ['as deep as they may be', `{"v":${nested(5, '[', ']')}}`, undefined],
    ['one deeper', `{"v":${nested(6, '[', ']', '1')}}`, bad('v')],
    ['objects', `{"a":1,"v":${nested(6, '{"x":', '}', '1')}}`, bad('v')],
    ['beyond any stack', `{"v":${nested(100_000, '[', ']')}}`, bad('v')],
    ['beside shallow ones', `{"v":[1,${nested(6, '[', ']', '1')},2]}`, bad('v')],
    ['wide', `{"v":[${'[],'.repeat(200_000)}1]}`, undefined],
    ['infinite', '{"v":{"x":[1e400]}}', bad('v')],
    ['the largest number', '{"v":1.7976931348623157e308}', undefined],
  ])('%s', (_what, json, expected) => {
    expect(ofVariables(json)).toEqual(expected);
  });
});

describe('literals', () => {
  test.each([
    ['as deep as they may be', '{ a: { b: [[{ c: 1 }]] } }', undefined],
    ['one deeper', '{ a: { b: [[{ c: { d: 1 } }]] } }', bad('c')],
    ['lists as deep as they may be', '[[[1]], [[2]]]', undefined],
    ['lists', '[[[[1]]]]', ['GRAPHQL_VALIDATION_FAILED', undefined]],
    ['lists between objects', '[{ a: [[1]] }, { a: [[1]] }]', undefined],
    ['infinite', '{ a: { b: -1e400 } }', bad('b')],
    ['infinite, alone', '1e400', bad('of')],
  ])('%s', (_what, text, expected) => {
    expect(ofLiteral(text)).toEqual(expected);
  });
});
