import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { createScratchSchema } from '../../../tests/support/scratch-schema.ts';

const scratch = createScratchSchema();
beforeEach(scratch.reset);
afterAll(() => scratch[Symbol.dispose]());

const path = (name: string): string => join(scratch.dir, name);
const compose = (...args: string[]) => scratch.run('compose', ...args);

describe('schema:compose', () => {
  test("writes Rookery's own supergraph without arguments", async () => {
    const { status, stdout } = await compose();
    expect(stdout).toBe(readFileSync(path('schema/supergraph.graphql'), 'utf8'));
    expect(status).toBe(0);
  });

  test('writes the supergraph with another subgraph into a file', async () => {
    scratch.write('shop.graphql', 'type Query { wares: [String!] }');
    const out = path('supergraph.graphql');
    const { status, stdout } = await compose('--subgraph', `shop=${path('shop.graphql')}`, '--out', out);
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(readFileSync(out, 'utf8')).toContain(
      '@join__graph(name: "shop", url: "http://shop.invalid/graphql")',
    );
  });

  test('exits 1 if the subgraphs do not compose, and writes nothing', async () => {
    scratch.write('shop.graphql', 'type Query { me: Int }');
    const { status, stdout, stderr } = await compose('--subgraph', `shop=${path('shop.graphql')}`);
    expect(stderr).toMatch(/^the subgraphs do not compose:\n.*\bQuery\.me\b/);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  });

  test.each([
    [['--subgraph', 'shop'], /takes name=path\.graphql/],
    [['--subgraph', 'shop=/nowhere.graphql'], /failed to read \/nowhere\.graphql/],
    [['--out', '/nowhere/supergraph.graphql'], /failed to write \/nowhere\/supergraph\.graphql/],
    [['shop=shop.graphql'], /Unexpected argument/],
  ])('the arguments %j are one line and exit code 2', async (args, words) => {
    const { status, stdout, stderr } = await compose(...args);
    expect(stderr).toMatch(/^schema compose: [^\n]+\n$/);
    expect(stderr).toMatch(words);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  });
});
