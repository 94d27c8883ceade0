import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import { maskError, RookeryError } from './errors.ts';
import type { Logger } from './log.ts';
import type { Span } from './span.ts';
import { startSpan } from './telemetry.ts';
import { type GatewayStamp, gatewayHeader, stampRefused, verifyStamp } from './viewer.ts';

/** What every subgraph resolver's context has. */
export interface SubgraphContext extends GatewayStamp {
  readonly log: Logger;
  /** Goes back to the gateway in the answer's extensions. */
  readonly extensions: Record<string, unknown>;
  /** W3C Trace Context, where the gateway sent one. */
  readonly traceparent: string | undefined;
}

export interface SubgraphOptions<Context extends SubgraphContext> {
  readonly app: FastifyInstance;
  readonly schema: GraphQLSchema;
  readonly secret: string;
  readonly log: Logger;
  /** Adds what this subgraph's resolvers need (data loaders and the like), afresh for each request. */
  readonly context: (base: SubgraphContext) => Context;
}

/** The context of one request, from the gateway's stamp. @throws RookeryError FORBIDDEN without a valid one */
export const subgraphContext = (
  secret: string,
  stampText: unknown,
  traceparent: string | undefined,
  log: Logger,
): SubgraphContext => {
  const stamp = verifyStamp(secret, stampText);
  if (!stamp)
    throw new RookeryError('FORBIDDEN', 'Subgraphs answer the gateway alone.', {
      // Tells a gateway with another secret that this is not about its client.
      http: { status: 403, headers: new Map([[gatewayHeader, stampRefused]]) },
    });
  return { ...stamp, log: log.child({ requestId: stamp.requestId }), extensions: {}, traceparent };
};

/** Serves a subgraph's schema at /graphql, to the gateway alone. Call before `app.listen`. */
export const serveSubgraph = async <Context extends SubgraphContext>({
  app,
  schema,
  secret,
  log,
  context,
}: SubgraphOptions<Context>): Promise<void> => {
  const server = new ApolloServer<Context>({
    schema,
    // The gateway has already decided what may be asked; composition and planning need the schema anyway.
    introspection: false,
    csrfPrevention: false,
    includeStacktraceInErrorResponses: false,
    formatError: (formatted, error) => maskError(formatted, error, log, undefined),
    // The process's own lifecycle stops it, through app.close(); a drain plugin would wait for that very close.
    stopOnTerminationSignals: false,
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      {
        requestDidStart: async () => ({
          willSendResponse: async ({ contextValue, response }) => {
            if (response.body.kind !== 'single' || Object.keys(contextValue.extensions).length === 0) return;
            response.body.singleResult.extensions = {
              ...response.body.singleResult.extensions,
              ...contextValue.extensions,
            };
          },
        }),
      },
    ],
  });
  await server.start();
  const spans = new WeakMap<FastifyRequest, Span>();
  app.route({
    method: ['POST'],
    url: '/graphql',
    onResponse: async (request) => spans.get(request)?.end(),
    handler: fastifyApolloHandler(server, {
      context: async (request: FastifyRequest) => {
        const { [gatewayHeader]: stamp, traceparent } = request.headers;
        const parent = typeof traceparent === 'string' ? traceparent : undefined;
        const base = subgraphContext(secret, stamp, parent, log);
        const span = startSpan('answer', { parent, kind: 'SERVER' });
        spans.set(request, span);
        return context({ ...base, traceparent: span.traceparent });
      },
    }),
  });
  app.addHook('onClose', async () => server.stop());
};
