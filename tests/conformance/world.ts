import { apiSchemaOf } from '@rookery/schema/compose';
import type { GraphQLSchema } from 'graphql';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { Answered } from '../support/conformance/compare.ts';
import type { Asked } from '../support/conformance/queries.ts';
import { resolvers, sdls } from '../support/conformance/subgraphs.ts';
import { generousLimits, startBareGateway } from '../support/gateway/bare-gateway.ts';
import { startSubgraph } from '../support/gateway/subgraph.ts';
import { startGatewayKeys } from '../support/index.ts';

export interface ConformanceWorld extends AsyncDisposable {
  /** Schema as seen by clients. */
  readonly schema: GraphQLSchema;
  /** Sends an operation to the gateway. */
  ask(asked: Asked): Promise<Answered>;
  /** Subscribes at the gateway and returns all events. */
  follow(asked: Asked): Promise<Answered[]>;
}

/** Default resilience, with larger time-outs for a busy machine. */
const patient = {
  ...{ timeoutMs: 60_000, retries: 1, retryRatio: 0.1, breakerThreshold: 0.5, breakerPauseMs: 500 },
  ...{ concurrency: 64, queue: 1_000 },
};

/** Starts the gateway over the subgraphs of the comparison, with limits that do not interfere. */
export const startConformanceWorld = async (): Promise<ConformanceWorld> => {
  await using undo = new AsyncDisposableStack();
  const keys = undo.use(await startGatewayKeys());
  const urls: Record<string, string> = {};
  for (const name of Object.keys(sdls) as (keyof typeof sdls)[]) {
    urls[name] = undo.use(await startSubgraph(name, sdls[name], resolvers[name], keys.keysUrl)).url;
  }
  const resilience = Object.fromEntries(Object.keys(sdls).map((name) => [name, patient]));
  const { url, supergraph } = await startBareGateway(
    { sdls, urls, keyFile: keys.keyFile, limits: generousLimits, options: { resilience } },
    undo,
  );
  const live = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    lazyCloseTimeout: 60_000,
    retryAttempts: 0,
  });
  undo.defer(() => live.dispose());
  const resources = undo.move();
  return {
    schema: apiSchemaOf(supergraph),
    ask: async (asked) => {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(asked),
      });
      return (await response.json()) as Answered;
    },
    follow: async ({ query, variables }) => {
      const events: Answered[] = [];
      for await (const event of live.iterate({ query, variables })) events.push(event as Answered);
      return events;
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
};
