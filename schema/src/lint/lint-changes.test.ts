import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@rookery/command-line';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readSubgraphFiles } from '../compose/subgraph-files.ts';
import { lintChanges } from './lint-changes.ts';
import { type LintRules, readLintRules, recommendedRules } from './rules.ts';

const sources = (sdl: string) => ({ sdls: { shop: sdl }, files: { shop: 'shop.graphql' } });
const lint = (before: string | undefined, after: string, rules: LintRules = recommendedRules) =>
  lintChanges(before === undefined ? undefined : sources(before), sources(after), rules);
const textOf = (found: ReturnType<typeof lint>) =>
  found.map(({ rule, severity, coordinate }) => `${severity} ${rule} ${coordinate}`).sort();

test('the SDL of this repository passes the recommended rules', () => {
  expect(lintChanges(undefined, readSubgraphFiles(), recommendedRules)).toEqual([]);
});

test('each rule objects to what it names, and to nothing else', () => {
  const sdl = `
    schema { query: Root }
    type Root { all_items(page_size: Int): [Item]  items(size: Int): [Item] @deprecated(reason: "Use x.")  "Ok." fine: Int }
    type item_x { _id: ID  itemName: String @deprecated(reason: " ") }
    type Item { itemName: String  itemized: Boolean  name: String @deprecated }
    input Filter { minPrice: Int  Max: Int }
    enum Color { RED  dark_red }
    extend type Item { Other: Int }
    union Any_thing = Item
  `;
  expect(textOf(lint(undefined, sdl))).toEqual([
    'error naming-convention Any_thing',
    'error naming-convention Color.dark_red',
    'error naming-convention Filter.Max',
    'error naming-convention Item.Other',
    'error naming-convention Root.all_items',
    'error naming-convention Root.all_items(page_size:)',
    'error naming-convention item_x',
    'error require-deprecation-reason Item.name',
    'error require-deprecation-reason item_x.itemName',
    'warning no-typename-prefix Item.itemName',
    'warning require-description Root.all_items',
    'warning require-description Root.items',
  ]);
});

const old = 'type Query { "All." old_items: [Int] }\nenum Color { red }\n';

test('only what a change adds is reported, at its line', () => {
  expect(lint(old, old)).toEqual([]);
  expect(lint(old, `# Moved.\n\n${old}`)).toEqual([]);
  const after = `"A query."\n${old}type Shop {\n  "Its name."\n  long_name: String\n}\n`;
  expect(lint(old, after)).toEqual([
    {
      rule: 'naming-convention',
      severity: 'error',
      message: 'The name of Shop.long_name must be in camelCase.',
      coordinate: 'Shop.long_name',
      position: { subgraph: 'shop', file: 'shop.graphql', line: 6, column: 3 },
    },
  ]);
  expect(lint(old, 'type {')).toEqual([]);
});

test('an unchanged finding is not reported, whatever the order and the layout; a new one always is', () => {
  const parts = ['type A { b_c: Int }', 'enum E { low }', 'type Query { q_q: A }', 'input I { x_x: Int }'];
  const added = 'type B { n_n: Int }';
  fc.assert(
    fc.property(
      fc.subarray(parts),
      fc.shuffledSubarray(parts, { minLength: parts.length }),
      fc.constantFrom('\n', '\n\n', ' '),
      (others, order, gap) => {
        expect(lint(parts.join('\n'), order.join(gap))).toEqual([]);
        expect(textOf(lint(others.join('\n'), [...others, added].join(gap)))).toEqual([
          'error naming-convention B.n_n',
        ]);
      },
    ),
  );
});

test('a file changes the rules, or takes their place', () => {
  const dir = mkdtempSync(join(tmpdir(), 'rookery-lint-'));
  try {
    const rulesOf = (content: unknown) => {
      writeFileSync(join(dir, 'lint.json'), JSON.stringify(content));
      return readLintRules(dir, 'lint.json');
    };
    const sdl = 'type Query { a_b: Int }';
    const changed = rulesOf({ rules: { 'naming-convention': 'warn', 'require-description': 'off' } });
    expect(textOf(lint(undefined, sdl, changed))).toEqual(['warning naming-convention Query.a_b']);
    const snake = rulesOf({ rules: { 'naming-convention': ['error', { FieldDefinition: 'snake_case' }] } });
    expect(textOf(lint(undefined, sdl, snake))).toEqual(['warning require-description Query.a_b']);
    const alone = rulesOf({
      extends: 'nothing',
      rules: { 'require-description': ['error', { types: true }] },
    });
    expect(textOf(lint(undefined, sdl, alone))).toEqual(['error require-description Query']);
    for (const wrong of [
      { rules: { nonsense: 'error' } },
      { rules: { 'naming-convention': 'loud' } },
      { rules: { 'naming-convention': ['error', { types: 'nonsense' }] } },
      { rule: {} },
    ])
      expect(() => rulesOf(wrong)).toThrow(InputError);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
