import { HeaderMap, type HTTPGraphQLRequest } from '@apollo/server';
import { errorCodes, type Logger, RookeryError } from '@rookery/service';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AccessLog } from './access-log.ts';
import type { Authenticate } from './authenticate.ts';
import { type OperationContext, operationContext, traceparentFrom } from './context.ts';
import { inflateBodies } from './inflate.ts';
import { maskAll } from './mask-errors.ts';
import type { Operations } from './operations.ts';
import { readAfterFrom, readAfterHeader } from './read-after.ts';
import { requestIdFrom, requestIdHeader, withRequestId } from './request-id.ts';

export interface GraphqlHttpOptions {
  readonly operations: Operations;
  readonly authenticate: Authenticate;
  readonly accessLog: AccessLog;
  readonly secret: string;
  readonly log: Logger;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** One id from the client to the projector's log. */
    requestId: string;
    operation: OperationContext | undefined;
  }
}

const json = 'application/json; charset=utf-8';
const graphqlResponseJson = 'application/graphql-response+json; charset=utf-8';

/** GraphQL over HTTP at /graphql, in a scope of its own: its errors have GraphQL's shape, other routes' do not. */
export const serveGraphqlHttp = async (app: FastifyInstance, options: GraphqlHttpOptions): Promise<void> => {
  const { accessLog, log } = options;
  app.decorateRequest('requestId', '');
  app.decorateRequest('operation', undefined);

  await app.register(async (scope) => {
    inflateBodies(scope);
    // Whatever is not JSON reaches the GraphQL server as no body at all, and is refused there by its rules.
    scope.removeContentTypeParser('text/plain');
    scope.addContentTypeParser('*', (_request, payload, done) => {
      payload.resume();
      done(null, undefined);
    });
    scope.addHook('onRequest', async (request, reply) => {
      request.requestId = requestIdFrom(request.headers[requestIdHeader]);
      reply.header(requestIdHeader, request.requestId);
    });
    scope.addHook('onResponse', async ({ requestId, operation }, reply) => {
      accessLog.write({
        transport: 'http',
        requestId,
        status: reply.statusCode,
        duration: reply.elapsedTime,
        viewer: operation?.viewer ?? null,
        record: operation?.record,
      });
    });
    scope.setErrorHandler<FastifyError>((error, request, reply) => fail(error, request, reply, log));
    scope.route({
      // All of them, so that the GraphQL server can say 405 and what is allowed.
      method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
      url: '/graphql',
      handler: (request, reply) => withRequestId(request.requestId, () => answer(request, reply, options)),
    });
  });
};

const answer = async (
  request: FastifyRequest,
  reply: FastifyReply,
  options: GraphqlHttpOptions,
): Promise<unknown> => {
  const { status, headers, body } = await options.operations.server.executeHTTPGraphQLRequest({
    httpGraphQLRequest: httpRequest(request),
    context: async () => {
      request.operation = await contextOf(request, options);
      return request.operation;
    },
  });
  if (body.kind !== 'complete') throw new Error('incremental delivery is not supported');
  for (const [name, value] of headers) reply.header(name, value);
  return reply.code(statusFor(request, headers, status)).send(body.string);
};

const httpRequest = ({ method, url, headers, body }: FastifyRequest): HTTPGraphQLRequest => {
  const map = new HeaderMap();
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined) map.set(name, Array.isArray(value) ? value.join(', ') : value);
  const query = url.indexOf('?');
  return { method, headers: map, search: query < 0 ? '' : url.slice(query), body };
};

const contextOf = async (
  { headers, requestId }: FastifyRequest,
  { authenticate, secret }: GraphqlHttpOptions,
): Promise<OperationContext> => {
  const session = await authenticate.session(headers.authorization).catch(withStatus);
  return operationContext({
    secret,
    viewer: session?.viewer ?? null,
    requestId,
    traceparent: traceparentFrom(headers.traceparent),
    readAfter: readAfter(headers[readAfterHeader]),
  });
};

const readAfter = (header: unknown): string[] => {
  try {
    return readAfterFrom(header);
  } catch (error) {
    return withStatus(error);
  }
};

/** Before there is an operation, an error is the whole answer, and its code says the status. */
const withStatus = (error: unknown): never => {
  if (error instanceof RookeryError && error.extensions.http === undefined)
    error.extensions.http = { status: errorCodes[error.code] };
  throw error;
};

/**
 * GraphQL over HTTP, section 6.4: with `application/json` a well-formed request that the GraphQL server refuses is
 * answered 200, since intermediaries may be the authors of any other status; with
 * `application/graphql-response+json` it is 400.
 */
const statusFor = (request: FastifyRequest, headers: HeaderMap, status = 200): number =>
  status === 400 &&
  request.operation?.record.refused === true &&
  headers.get('content-type')?.startsWith('application/json')
    ? 200
    : status;

/** What fails before or outside the GraphQL server: bodies that can't be read, and our own mistakes. */
const fail = (error: FastifyError, request: FastifyRequest, reply: FastifyReply, log: Logger) =>
  withRequestId(request.requestId, () => {
    const { statusCode = 500, message } = error;
    const cause = statusCode < 500 ? new RookeryError('BAD_REQUEST', message) : error;
    const accepts = request.headers.accept?.includes('application/graphql-response+json');
    return reply
      .code(statusCode)
      .header('content-type', accepts ? graphqlResponseJson : json)
      .send(JSON.stringify({ errors: maskAll([cause], log) }));
  });
