import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import {
  type Logger,
  readAfterHeader,
  readAfterIn,
  requestIdFrom,
  requestIdHeader,
  type Span,
  startSpan,
} from '@rookery/runtime';
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
import { createResponseExtensions, type ResponseExtensions } from './response-extensions.ts';

/** Context of all resolvers of a subgraph. */
export interface SubgraphContext extends GatewayClaims {
  /** Id of the request, used from the gateway to the log of the projector. */
  readonly requestId: string;
  /** Activities of the viewer that the response must reflect. */
  readonly readAfter: readonly string[];
  readonly log: Logger;
  /** Told to the gateway in the extensions of the response. */
  readonly responseExtensions: ResponseExtensions;
  /** W3C Trace Context, if the gateway sent one. */
  readonly traceparent: string | undefined;
}

export interface SubgraphOptions<Context extends SubgraphContext> {
  readonly app: FastifyInstance;
  readonly schema: GraphQLSchema;
  readonly verifier: GatewayVerifier;
  readonly log: Logger;
  /** Creates what the resolvers of this subgraph need (data loaders and the like) for each request. */
  readonly context: (base: SubgraphContext) => Context;
}

/** Creates the refusal of a request that does not come from the gateway, with one text for all reasons. */
const refuse = (): RookeryError =>
  new RookeryError('FORBIDDEN', 'Subgraphs answer the gateway alone.', {
    // Tells the gateway that its own token was refused, which does not concern its client.
    http: { status: 403, headers: new Map([[gatewayHeader, tokenRefused]]) },
  });

/**
 * Verifies that the request comes from the gateway, and for which viewer.
 * @param body raw body of the request; undefined on a socket
 * @throws RookeryError FORBIDDEN if it does not; SERVICE_UNAVAILABLE if the keys cannot be fetched
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
    responseExtensions: createResponseExtensions(),
    traceparent: typeof given.traceparent === 'string' ? given.traceparent : undefined,
  };
};

const bodies = new WeakMap<FastifyRequest, Uint8Array>();

/** Keeps the raw body: the token of a mutation is bound to its bytes. */
const keepBodies = (scope: FastifyInstance): void => {
  const parseJson = scope.getDefaultJsonParser('error', 'error');
  scope.removeContentTypeParser('application/json');
  scope.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    bodies.set(request, body as Buffer);
    parseJson(request, body.toString('utf8'), done);
  });
};

/** OpenTelemetry's semantic conventions for HTTP servers. */
const serverSpan = {
  kind: 'SERVER',
  attributes: {
    'http.request.method': 'POST',
    'http.route': '/graphql',
    'url.path': '/graphql',
    'url.scheme': 'http',
  },
} as const;

/** Serves the schema of a subgraph at /graphql, for the gateway only. Call before `app.listen`. */
export const serveSubgraph = async <Context extends SubgraphContext>({
  app,
  schema,
  verifier,
  log,
  context,
}: SubgraphOptions<Context>): Promise<void> => {
  const server = new ApolloServer<Context>({
    schema,
    // The gateway has already decided which operations are allowed, and it knows the schema.
    introspection: false,
    csrfPrevention: false,
    includeStacktraceInErrorResponses: false,
    formatError: (formatted, error) => maskError(formatted, error, log, undefined),
    // The lifecycle of the process stops the server through app.close(); a drain plugin would wait for that
    // very close.
    stopOnTerminationSignals: false,
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      {
        requestDidStart: async () => ({
          didResolveOperation: async ({ operation, contextValue }) => {
            // The token is bound to a body that was compared, so it cannot be used for another mutation.
            if (operation?.operation === 'mutation' && !contextValue.boundToOperation) throw refuse();
          },
          willSendResponse: async ({ contextValue, response }) => {
            const extensions = contextValue.responseExtensions.collected();
            if (response.body.kind !== 'single' || Object.keys(extensions).length === 0) return;
            response.body.singleResult.extensions = {
              ...response.body.singleResult.extensions,
              ...extensions,
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
      onResponse: async (request, { statusCode }) => {
        const span = spans.get(request);
        span?.set({ 'http.response.status_code': statusCode });
        if (statusCode >= 500) span?.fail(String(statusCode));
        span?.end();
      },
      handler: fastifyApolloHandler(server, {
        context: async (request: FastifyRequest) => {
          const base = await subgraphContext(verifier, request.headers, log, bodies.get(request));
          const span = startSpan('POST /graphql', { ...serverSpan, parent: base.traceparent });
          spans.set(request, span);
          return context({ ...base, traceparent: span.traceparent });
        },
      }),
    });
  });
  app.addHook('onClose', async () => server.stop());
};
