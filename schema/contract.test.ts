import { readFileSync } from 'node:fs';
import { buildSchema } from 'graphql';
import { expect, test } from 'vitest';
import { apiSchemaOf } from './compose.ts';
import { coordinates } from './coordinates.ts';

const textOf = (file: string) => readFileSync(new URL(file, import.meta.url), 'utf8');

test('what the committed supergraph shows to clients is the contract, to the letter', () => {
  const contract = coordinates(buildSchema(textOf('./contract.graphql')));
  expect(contract.length).toBeGreaterThan(100);
  expect(coordinates(apiSchemaOf(textOf('./supergraph.graphql')))).toEqual(contract);
});
