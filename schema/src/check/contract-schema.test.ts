import { type GraphQLSchema, printSchema } from 'graphql';
import { expect, test } from 'vitest';
import { compose } from '../compose/compose.ts';
import { contractSchema } from './contract-schema.ts';
import { contractRules } from './rules.ts';
import { checked, seen } from './table/checked.ts';

const sdl = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@tag"])
type Query {
  item: Item @tag(name: "partner")
  secret: Secret @tag(name: "internal")
  plain: Int
}
type Item {
  id: ID! @tag(name: "partner")
  price(tax: Tax @tag(name: "internal")): Int @tag(name: "partner")
  margin: Int @tag(name: "internal")
}
type Secret { code: String }
enum Tax { ALL NONE }
`;
const rules = (given: object) => contractRules.parse({ name: 'partner', ...given });
const printed = (text: string, given: object): string => {
  const schema = contractSchema(compose({ shop: text }), rules(given));
  return printSchema(schema as GraphQLSchema);
};

test('a contract includes what its tags select, and hides what nothing leads to', () => {
  expect(printed(sdl, { include: ['partner'], exclude: ['internal'] })).toBe(`type Item {
  id: ID!
  price: Int
}

type Query {
  item: Item
}`);
});

test('a contract that only excludes keeps everything else', () => {
  const text = printed(sdl, { exclude: ['internal'], hideUnreachable: false });
  expect(text).toContain('plain: Int');
  expect(text).toContain('type Secret');
  expect(text).not.toMatch(/margin|secret|tax/);
});

test('a shown field of a hidden type is an error with its place', () => {
  const hidden = sdl.replace('type Secret {', 'type Secret @tag(name: "hidden") {');
  const problems = contractSchema(compose({ shop: hidden }), rules({ exclude: ['hidden'] }));
  expect(problems).toMatchObject([
    { code: 'REFERENCED_INACCESSIBLE', positions: [{ subgraph: 'shop', line: expect.any(Number) }] },
  ]);
});

test('a change that breaks a contract alone fails the check', async () => {
  const untagged = sdl.replace('id: ID! @tag(name: "partner")', 'id: ID!');
  const contracts = [rules({ include: ['partner'] })];
  const report = await checked({ shop: sdl }, { shop: untagged }, { contracts });
  expect(report).toMatchObject({
    ...{ ok: false, outcome: 'contract-failed', exitCode: 1 },
    contracts: [{ name: 'partner', changes: [{ kind: 'FIELD_REMOVED', coordinate: 'Item.id' }] }],
  });
  expect(report.changes.filter(({ decision }) => decision === 'refused')).toEqual([]);
  const operations = [seen('{ item { price } }')];
  const unused = await checked({ shop: sdl }, { shop: untagged }, { contracts, operations });
  expect(unused.contracts[0]?.changes[0]?.decision).toBe('unused');
  expect(unused.exitCode).toBe(0);
});
