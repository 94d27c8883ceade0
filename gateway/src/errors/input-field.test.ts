import { buildSchema, getVariableValues, type OperationDefinitionNode, parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import { fieldOfLiteral, fieldOfVariable } from './input-field.ts';

const schema = buildSchema(`
  type Query { list(first: Int, ids: [ID!]): Int write(input: Write!, first: Int): Int }
  input Write { text: String! size: Int parts: [Part!] }
  input Part { size: Int, name: String! }
`);

const literal = (query: string) => validate(schema, parse(query)).map(fieldOfLiteral);

test.each([
  ['{ list(first: NaN) }', ['first']],
  ['{ list(first: "1") }', ['first']],
  ['{ list(first: 1.5) }', ['first']],
  ['{ list(first: {a: 1}) }', ['first']],
  ['{ list(ids: ["a", {ne: 1}], first: 1) }', ['ids']],
  ['{ list(ids: ["a"], first: [1 2]) }', ['first']],
  ['{ write(first: 1, input: { size: 1, text: 5 }) }', ['text']],
  [
    '{ write(input: { text: "x", parts: [{ size: 1, name: "a" }, { name: "b", size: no }] }) }',
    ['parts.size'],
  ],
  ['{ write(input: { text: "x", parts: [{ size: 1 }] }) }', ['parts.name']],
  ['{ write(input: {}) }', ['text']],
  ['{ write(input: null) }', ['input']],
  ['query ($first: Int = NaN) { list(first: $first) }', [undefined]],
  ['{ lists }', [undefined]],
  ['{ list(frist: 1) }', [undefined]],
  ['{ write }', [undefined]],
])('%s', (query, fields) => {
  expect(literal(query)).toEqual(fields);
});

test.each([
  ['list(first: $v)', 'Int', 'NaN', 'v'],
  ['write(input: $v)', 'Write!', {}, 'text'],
  ['write(input: $v)', 'Write!', { text: 'x', parts: [{ name: 5 }] }, 'parts[0].name'],
  ['write(input: $v)', 'Write!', undefined, 'v'],
])('%s of %s with %j', (field, type, v, expected) => {
  const [operation] = parse(`query ($v: ${type}) { ${field} }`).definitions as [OperationDefinitionNode];
  const { errors = [] } = getVariableValues(schema, operation.variableDefinitions ?? [], { v });
  expect(errors.map(fieldOfVariable)).toEqual([expected]);
});
