import { describe, expect, test } from 'vitest';
import { startBareGateway } from '../support/gateway/bare-gateway.ts';
import { startCannedSubgraph } from '../support/gateway/canned-subgraph.ts';

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@override"])`;

/** Field `price` moves from subgraph a (which says 1) to b (which says 2) under a label; so does the root field `n`. */
const startWorld = async (label: string, overrides?: readonly string[]) => {
  const resources = new AsyncDisposableStack();
  const a = resources.use(
    await startCannedSubgraph((_nth, query) => ({
      body: query.includes('p{')
        ? '{"data":{"p":{"__typename":"P","id":"1","price":1}}}'
        : '{"data":{"n":1}}',
    })),
  );
  const b = resources.use(
    await startCannedSubgraph((_nth, query) => ({
      body: query.includes('_entities')
        ? '{"data":{"_entities":[{"__typename":"P","price":2}]}}'
        : '{"data":{"n":2}}',
    })),
  );
  const { url } = await startBareGateway(
    {
      sdls: {
        a: `${link} type Query { p: P n: Int } type P @key(fields: "id") { id: ID! price: Int }`,
        b: `${link} type Query { n: Int @override(from: "a", label: "${label}") }
          type P @key(fields: "id") { id: ID! price: Int @override(from: "a", label: "${label}") }`,
      },
      urls: { a: a.url, b: b.url },
      options: { trustedProxies: ['127.0.0.1'], ...(overrides && { overrides }) },
    },
    resources,
  );
  const ask = async (query: string, address = '192.0.2.1') => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
      body: JSON.stringify({ query }),
    });
    return (await response.json()) as { readonly data: Record<string, unknown> };
  };
  return { ask, [Symbol.asyncDispose]: () => resources.disposeAsync() };
};

describe('progressive @override', () => {
  test.each([
    ['percent(0)', undefined, 1],
    ['percent(100)', undefined, 2],
    ['new-prices', undefined, 1],
    ['new-prices', ['others', 'new-prices'], 2],
  ])('with label %s and the labels %s takes the field from the right subgraph', async (label, on, from) => {
    await using world = await startWorld(label, on);
    expect(await world.ask('{ p { price } }')).toEqual({ data: { p: { price: from } } });
    expect(await world.ask('{ n }')).toEqual({ data: { n: from } });
  });

  test('by percentage is decided once for each who asks, and for all fields alike', async () => {
    await using world = await startWorld('percent(50)');
    const addresses = Array.from({ length: 40 }, (_, n) => `192.0.2.${n + 1}`);
    const decisions: number[] = [];
    for (const address of addresses) {
      const { data } = await world.ask('{ n }', address);
      for (let again = 0; again < 2; again++)
        expect(await world.ask('{ p { price } }', address)).toEqual({ data: { p: { price: data.n } } });
      decisions.push(Number(data.n));
    }
    // A hash of the address decides, so that every run counts the same.
    const moved = decisions.filter((each) => each === 2).length;
    expect(moved).toBeGreaterThan(10);
    expect(moved).toBeLessThan(30);
  });
});
