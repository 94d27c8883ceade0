import { createLog } from '@rookery/runtime';
import { composeSupergraph } from '@rookery/schema/compose';
import { expect, test } from 'vitest';
import type { InternalTokens } from '../auth/internal-tokens.ts';
import { admit } from '../limits/admission.ts';
import { defaultLimits } from '../limits/limits.ts';
import { operationContext } from '../pipeline/context.ts';
import { execute } from '../pipeline/execute.ts';
import type { SubgraphClient } from '../subgraphs/subgraph-client.ts';
import { Supergraph } from './supergraph.ts';

const composed = (fields: string) => composeSupergraph({ only: `type Query { ${fields} }` });

test('an operation ends on the version that it was validated on, though another is served by then', async () => {
  const subgraph = {
    fetch: async () => ({ data: { gone: 'here', stays: 'too' } }),
    [Symbol.asyncDispose]: async () => {},
  };
  await using supergraph = new Supergraph({
    first: (serve) => serve(composed('stays: String gone: String')),
    urlOf: (_name, routingUrl) => routingUrl,
    connect: () => subgraph as unknown as SubgraphClient,
    keepReplacedMs: 1_000,
    limits: defaultLimits,
    introspection: true,
    log: createLog('test', 'silent'),
  });
  await supergraph.load();
  const { graph, permitted } = supergraph.graph.operations.prepare(
    admit('{ stays gone }', defaultLimits),
    undefined,
  );
  await supergraph.replace(composed('stays: String'));
  expect(supergraph.graph.schema.getQueryType()?.getFields()).not.toHaveProperty('gone');
  const context = operationContext({ tokens: {} as InternalTokens, viewer: null, requestId: 'a' });
  const overrides = graph.executor.overridesOf(context);
  const none = { given: {}, values: {} };
  const { data, errors } = await execute(graph, permitted.whole, none, context, overrides);
  expect({ data, errors }).toEqual({ data: { stays: 'too', gone: 'here' }, errors: [] });
});
