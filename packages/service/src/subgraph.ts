import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import {
  type GatewayClaims,
  GatewayTokenError,
  type GatewayVerifier,
  gatewayHeader,
  tokenRefused,
} from '@rookery/subgraph-auth';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import { maskError, RookeryError, unavailable } from './errors.ts';
import type { Logger } from './log.ts';
import { readAfterHeader, readAfterIn, requestIdFrom, requestIdHeader } from './request-headers.ts';
import type { Span } from './span.ts';
import { startSpan } from './telemetry.ts';

/** What every subgraph resolver's context has. */
export interface SubgraphContext extends GatewayClaims {
  /** One id from the gateway to the projector's log. */
  readonly requestId: string;
  /** Activities of the viewer that the answer must reflect. */
  readonly readAfter: readonly string[];
  readonly log: Logger;
  /** Goes back to the gateway in the answer's extensions. */
  readonly extensions: Record<string, unknown>;
  /** W3C Trace Context, if the gateway sent one. */
  readonly traceparent: string | undefined;
}

export interface SubgraphOptions<Context extends SubgraphContext> {
  readonly app: FastifyInstance;
  readonly schema: GraphQLSchema;
  readonly verifier: GatewayVerifier;
  readonly log: Logger;
  /** Adds what this subgraph's resolvers need (data loaders and the like), new for each request. */
  readonly context: (base: SubgraphContext) => Context;
}

/** Refuses whoever is not the gateway, with the same text whatever is wrong. */
const refuse = (): RookeryError =>
  new RookeryError('FORBIDDEN', 'Subgraphs answer the gateway alone.', {
    // Tells the gateway that its own token was refused: this is not about its client.
    http: { status: 403, headers: new Map([[gatewayHeader, tokenRefused]]) },
  });

/**
 * Verifies that the gateway asks, and for whom.
 * @param body raw body of the request; undefined on a socket
 * @throws RookeryError FORBIDDEN if it is not the gateway; SERVICE_UNAVAILABLE if its keys can't be fetched
 */
export const verifyGateway = async (
  verifier: GatewayVerifier,
  token: unknown,
  log: Logger,
  body?: Uint8Array,
): Promise<GatewayClaims> => {
  try {
    return await verifier.verify(token, body);
  } catch (error) {
    if (error instanceof GatewayTokenError) {
      log.debug({ error }, 'request refused: it does not come from the gateway');
      throw refuse();
    }
    log.error({ error }, 'failed to verify a request: it is answered SERVICE_UNAVAILABLE');
    throw unavailable();
  }
};

/**
 * Returns the context of one request.
 * @param given headers of the request, or extensions of a subscription: the same names in both
 * @throws RookeryError as `verifyGateway`
 */
export const subgraphContext = async (
  verifier: GatewayVerifier,
  given: Readonly<Record<string, unknown>>,
  log: Logger,
  body?: Uint8Array,
): Promise<SubgraphContext> => {
  const claims = await verifyGateway(verifier, given[gatewayHeader], log, body);
  const requestId = requestIdFrom(given[requestIdHeader]);
  return {
    ...claims,
    requestId,
    readAfter: readAfterIn(given[readAfterHeader]),
    log: log.child({ requestId }),
    extensions: {},
    traceparent: typeof given.traceparent === 'string' ? given.traceparent : undefined,
  };
};

const bodies = new WeakMap<FastifyRequest, Uint8Array>();

/** Keeps the raw body beside the parsed one: the token of a mutation holds for its bytes. */
const keepBodies = (scope: FastifyInstance): void => {
  const parseJson = scope.getDefaultJsonParser('error', 'error');
  scope.removeContentTypeParser('application/json');
  scope.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    bodies.set(request, body as Buffer);
    parseJson(request, body.toString('utf8'), done);
  });
};

/** Serves a subgraph's schema at /graphql, to the gateway alone. Call before `app.listen`. */
export const serveSubgraph = async <Context extends SubgraphContext>({
  app,
  schema,
  verifier,
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
          didResolveOperation: async ({ operation, contextValue }) => {
            // Its token was bound to a body, and the body has been compared: nobody can make another mutation of it.
            if (operation?.operation === 'mutation' && !contextValue.boundToOperation) throw refuse();
          },
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
  await app.register(async (scope) => {
    keepBodies(scope);
    scope.route({
      method: ['POST'],
      url: '/graphql',
      onResponse: async (request) => spans.get(request)?.end(),
      handler: fastifyApolloHandler(server, {
        context: async (request: FastifyRequest) => {
          const base = await subgraphContext(verifier, request.headers, log, bodies.get(request));
          const span = startSpan('answer', { parent: base.traceparent, kind: 'SERVER' });
          spans.set(request, span);
          return context({ ...base, traceparent: span.traceparent });
        },
      }),
    });
  });
  app.addHook('onClose', async () => server.stop());
};
