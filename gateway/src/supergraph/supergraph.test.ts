import { createLog } from '@rookery/runtime';
import { composeSupergraph } from '@rookery/schema/compose';
import { parse } from 'graphql';
import { expect, test } from 'vitest';
import type { SubgraphClient } from '../subgraphs/subgraph-client.ts';
import { Supergraph } from './supergraph.ts';

const composed = (fields: string) => composeSupergraph({ only: `type Query { ${fields} }` });

test('an operation ends on the version that it was validated on, though another is served by then', async () => {
  const subgraph = {
    process: async () => ({ data: { gone: 'here', stays: 'too' } }),
    [Symbol.asyncDispose]: async () => {},
  };
  await using supergraph = new Supergraph({
    first: (serve) => serve(composed('stays: String gone: String')),
    urlOf: (_name, routingUrl) => routingUrl,
    connect: () => subgraph as unknown as SubgraphClient,
    keepReplacedMs: 1_000,
    log: createLog('test', 'silent'),
  });
  const { executor } = await supergraph.gateway.load({ apollo: {} });
  const { schema } = supergraph.graph;
  const run = (query: string) =>
    executor?.({ schema, document: parse(query), queryHash: query, request: {}, context: {} } as never);
  await supergraph.replace(composed('stays: String'));
  expect(supergraph.graph.schema.getQueryType()?.getFields()).not.toHaveProperty('gone');
  expect(await run('{ stays gone }')).toEqual({ data: { stays: 'too', gone: 'here' } });
});
