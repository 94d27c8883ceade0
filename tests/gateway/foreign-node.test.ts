import { apiSchemaOf } from '@rookery/schema/compose';
import { subgraphSdl } from '@rookery/schema/graphql';
import { type GraphQLInterfaceType, isInterfaceType } from 'graphql';
import { expect, test } from 'vitest';
import { overHttp } from '../support/clients/raw-client.ts';
import { startBareGateway } from '../support/gateway/bare-gateway.ts';
import { startCannedSubgraph } from '../support/gateway/canned-subgraph.ts';

/** A subgraph of another team, whose type implements Node too. */
const billing = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  interface Node { id: ID! }
  type Query { invoice(id: ID!): Invoice }
  type Invoice implements Node @key(fields: "id") { id: ID! total: Int! }
`;

test('a type of another subgraph may implement Node, and node answers as before', async () => {
  await using resources = new AsyncDisposableStack();
  const query = resources.use(
    await startCannedSubgraph(() => ({
      body: '{"data":{"node":{"__typename":"User","id":"1","handle":"ada"}}}',
    })),
  );
  const invoices = resources.use(
    await startCannedSubgraph(() => ({
      body: '{"data":{"invoice":{"__typename":"Invoice","id":"Invoice:1","total":7}}}',
    })),
  );
  const { url, supergraph } = await startBareGateway(
    {
      sdls: { mutation: subgraphSdl('mutation'), query: subgraphSdl('query'), billing },
      urls: { mutation: query.url, query: query.url, billing: invoices.url },
    },
    resources,
  );
  const schema = apiSchemaOf(supergraph);
  const node = schema.getType('Node') as GraphQLInterfaceType;
  expect(isInterfaceType(node)).toBe(true);
  expect(
    schema
      .getPossibleTypes(node)
      .map(({ name }) => name)
      .sort(),
  ).toEqual(['Invoice', 'Post', 'User']);

  const ask = overHttp(url);
  const fields = '__typename id ... on User { handle } ... on Invoice { total }';
  const found = await ask({ query: `{ node(id: "1") { ${fields} } }` });
  expect(found.errors).toEqual([]);
  expect(found.data).toEqual({ node: { __typename: 'User', id: '1', handle: 'ada' } });
  // The query subgraph does not know the type, and must not be asked for its fields.
  expect(query.asked[0]?.query).not.toContain('Invoice');
  const invoice = await ask({ query: '{ invoice(id: "Invoice:1") { ... on Node { id } total } }' });
  expect(invoice.data).toEqual({ invoice: { id: 'Invoice:1', total: 7 } });
});
