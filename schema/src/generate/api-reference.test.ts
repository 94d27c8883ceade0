import { readFileSync } from 'node:fs';
import { buildSchema } from 'graphql';
import { expect, it } from 'vitest';
import { apiReference } from './api-reference.ts';

it('lists fields, arguments and types with their descriptions', () => {
  const page = apiReference(`
    type Query { "One, or | null." thing(id: ID!, first: Int = 5): Thing }
    "A thing." type Thing { id: ID! }
    enum Color { "Like blood." RED }
    input In { a: Int! }
    union Both = Thing
  `);
  expect(page).toContain('| `thing(id: ID!, first: Int): Thing` | One, or \\| null. |');
  expect(page).toContain('### Thing\n\nType. A thing.\n\n| field | |\n|---|---|\n| `id: ID!` |  |');
  expect(page).toContain('### Color\n\nEnum.\n\n| value | |\n|---|---|\n| `RED` | Like blood. |');
  expect(page).toContain('| `a: Int!` |  |');
  expect(page).toContain('Union.\n\nOne of `Thing`.');
});

it('describes every root field of the contract', () => {
  const schema = buildSchema(readFileSync(new URL('../../contract.graphql', import.meta.url), 'utf8'));
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const fields = roots.flatMap((root) => Object.values(root?.getFields() ?? {}));
  expect(fields.filter(({ description }) => !description).map(({ name }) => name)).toEqual([]);
});
