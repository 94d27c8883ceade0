import { readFileSync } from 'node:fs';
import { buildSchema } from 'graphql';
import { expect, test } from 'vitest';
import { apiSchemaOf } from '../compose/compose.ts';
import { coordinates } from '../compose/coordinates.ts';
import { contractFor } from './contract.ts';

const textOf = (file: string) => readFileSync(new URL(file, import.meta.url), 'utf8');

test('what the committed supergraph shows to clients is the contract, to the letter', () => {
  const contract = coordinates(buildSchema(textOf('../../contract.graphql')));
  expect(contract.length).toBeGreaterThan(100);
  expect(coordinates(apiSchemaOf(textOf('../../supergraph.graphql')))).toEqual(contract);
});

test('the generated contract grows with the API, keeps its comments and order, and never loses anything', () => {
  const committed = '# Head.\n\ntype Query {\n  b: Int\n}\n\ntype Beta {\n  id: ID!\n}\n\n# Foot.\n';
  const grown = buildSchema('type Alpha { id: ID! } type Beta { id: ID! } type Query { a: Int b: Int }');
  expect(contractFor(grown, committed)).toBe(
    '# Head.\n\ntype Query {\n  a: Int\n  b: Int\n}\n\ntype Beta {\n  id: ID!\n}\n\ntype Alpha {\n  id: ID!\n}\n\n# Foot.\n',
  );
  const smaller = buildSchema('type Beta { id: ID! } type Query { a: Int }');
  expect(contractFor(smaller, committed)).toBe(committed);
});
