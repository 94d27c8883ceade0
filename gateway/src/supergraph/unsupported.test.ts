import { createLog } from '@rookery/runtime';
import { composeSupergraph } from '@rookery/schema/compose';
import { describe, expect, test } from 'vitest';
import { defaultLimits } from '../limits/limits.ts';
import type { SubgraphClient } from '../subgraphs/subgraph-client.ts';
import { buildGraph } from './graph.ts';

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import:
  ["@key", "@context", "@fromContext"])`;

/** Two subgraphs, one of which takes an argument from the context. */
const sdl = composeSupergraph({
  shops: `${link}
    type Query { shop: Shop! }
    type Shop @key(fields: "id") @context(name: "shop") { id: ID! currency: String! product: Product! }
    type Product @key(fields: "id") {
      id: ID! price(in: String @fromContext(field: "$shop { currency }")): Int!
    }`,
  stock: `${link} type Query { counted: Int } type Product @key(fields: "id") { id: ID! left: Int }`,
});

const built = (text: string) =>
  buildGraph({
    sdl: text,
    connect: () => ({}) as SubgraphClient,
    limits: defaultLimits,
    introspection: true,
    log: createLog('test', 'silent'),
  });

describe('a supergraph with @fromContext', () => {
  // The executor would leave the argument out, and a subgraph answer as if there were none.
  test('is refused, and told why', async () => {
    await expect(built(sdl)).rejects.toThrow('@fromContext is not supported');
  });

  test('is refused whatever it says of its purpose, and by whatever name', async () => {
    const purpose = sdl.replace(
      '@link(url: "https://specs.apollo.dev/context/v0.1", for: SECURITY)',
      '@link(url: "https://specs.apollo.dev/context/v0.1")',
    );
    expect(purpose).not.toBe(sdl);
    await expect(built(purpose)).rejects.toThrow('@fromContext is not supported');
    const named = purpose.replace('context/v0.1")', 'context/v0.1", as: "around")');
    await expect(built(named)).rejects.toThrow('@fromContext is not supported');
  });

  test('but not one that calls something of its own so', async () => {
    const own = composeSupergraph({ only: 'type Query { context(fromContext: String): String }' });
    await expect(built(own)).resolves.toHaveProperty('schema');
  });
});
