import { ApolloServer, HeaderMap } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { type Logger, plainDataHeader, type Span, startSpan } from '@rookery/runtime';
import { type GatewayVerifier, gatewayHeader, sharedTaken } from '@rookery/subgraph-auth';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import { type Afterwards, createAfterwards } from './afterwards.ts';
import { notFromGateway, type SubgraphContext, subgraphContext } from './context.ts';
import { maskError } from './errors.ts';

export { type SubgraphContext, subgraphContext, verifyGateway } from './context.ts';

export interface SubgraphOptions<Context extends SubgraphContext> {
  readonly app: FastifyInstance;
  readonly schema: GraphQLSchema;
  readonly verifier: GatewayVerifier;
  readonly log: Logger;
  /** Creates what the resolvers of this subgraph need (data loaders and the like) for each request. */
  readonly context: (base: SubgraphContext) => Context;
}

const bodies = new WeakMap<FastifyRequest, Uint8Array>();

/**
 * Headers of all requests, as Apollo Server sees them: it would only choose the type of the response by them, and the gateway
 * takes JSON alone.
 */
const noHeaders = new HeaderMap();

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
  // Apollo Server formats errors without the context of their request.
  const requestIds = new WeakMap<object, string>();
  const server = new ApolloServer<Context>({
    schema,
    // The gateway has already decided which operations are allowed, and it knows the schema.
    introspection: false,
    csrfPrevention: false,
    includeStacktraceInErrorResponses: false,
    formatError: (formatted, error) => {
      const requestId = typeof error === 'object' && error !== null ? requestIds.get(error) : undefined;
      return maskError(formatted, error, log, requestId);
    },
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
          didEncounterErrors: async ({ errors, contextValue }) => {
            for (const error of errors) requestIds.set(error, contextValue.requestId);
          },
          didResolveOperation: async ({ operation, contextValue }) => {
            // The token is bound to a body that was compared, so it cannot be used for another mutation.
            if (operation?.operation === 'mutation' && !contextValue.boundToOperation) throw notFromGateway();
          },
          willSendResponse: async ({ contextValue, response }) => {
            if (contextValue.boundToOperation) response.http.headers.set(gatewayHeader, sharedTaken);
            if (response.body.kind !== 'single') return;
            const { singleResult } = response.body;
            const extensions = { ...singleResult.extensions, ...contextValue.responseExtensions.collected() };
            if (Object.keys(extensions).length > 0) singleResult.extensions = extensions;
            else if (singleResult.data && !singleResult.errors?.length)
              response.http.headers.set(plainDataHeader, 'true');
          },
        }),
      },
    ],
  });
  await server.start();
  const open = new WeakMap<FastifyRequest, { readonly span: Span; readonly afterwards: Afterwards }>();
  await app.register(async (scope) => {
    keepBodies(scope);
    scope.route({
      method: ['POST'],
      url: '/graphql',
      onResponse: async (request, { statusCode }) => {
        const { span, afterwards } = open.get(request) ?? {};
        span?.set({ 'http.response.status_code': statusCode });
        if (statusCode >= 500) span?.fail(String(statusCode));
        span?.end();
        afterwards?.begin();
      },
      handler: async (request, reply) => {
        const createContext = async (): Promise<Context> => {
          const base = await subgraphContext(verifier, request.headers, log, bodies.get(request));
          const span = startSpan('POST /graphql', { ...serverSpan, parent: base.traceparent });
          const afterwards = createAfterwards();
          open.set(request, { span, afterwards });
          return context({ ...base, traceparent: span.traceparent, afterAnswer: afterwards.add });
        };
        const { status, headers, body } = await server.executeHTTPGraphQLRequest({
          httpGraphQLRequest: { method: 'POST', headers: noHeaders, search: '', body: request.body },
          context: createContext,
        });
        if (body.kind !== 'complete') throw new Error('an answer in parts was not asked for');
        for (const [name, value] of headers) void reply.header(name, value);
        void reply.code(status ?? 200);
        return body.string;
      },
    });
  });
  app.addHook('onClose', async () => server.stop());
};
