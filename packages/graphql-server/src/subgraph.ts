import { type Logger, requestIdFrom, requestIdHeader, type Span, startSpan } from '@rookery/runtime';
import type { GatewayVerifier } from '@rookery/subgraph-auth';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import { type SubgraphContext, subgraphContext } from './context.ts';
import { createRequestHandler, failure } from './request-handler.ts';

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
  const handle = createRequestHandler(schema, log);
  const spans = new WeakMap<FastifyRequest, Span>();
  const contextOf = async (request: FastifyRequest): Promise<Context> => {
    const base = await subgraphContext(verifier, request.headers, log, bodies.get(request));
    const span = startSpan('POST /graphql', { ...serverSpan, parent: base.traceparent });
    spans.set(request, span);
    return context({ ...base, traceparent: span.traceparent });
  };
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
      handler: async (request, reply) => {
        const response = await contextOf(request)
          .then((value) => handle(request, value))
          .catch((error) => failure(error, log, requestIdFrom(request.headers[requestIdHeader])));
        return reply.code(response.status).headers(response.headers).send(response.body);
      },
    });
  });
};
