import { RookeryError } from '@rookery/graphql-server';
import { errorCodes, type Logger, readAfterHeader, requestIdFrom, requestIdHeader } from '@rookery/runtime';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { FormattedExecutionResult } from 'graphql';
import type { Authenticate, Session } from '../auth/authenticate.ts';
import type { InternalTokens } from '../auth/internal-tokens.ts';
import { maskAll } from '../errors/mask-errors.ts';
import { costHeader, operationContext, traceparentFrom } from '../pipeline/context.ts';
import { httpOf } from '../pipeline/http-status.ts';
import type { OperationRecord, OperationRequest, Outcome } from '../pipeline/operation.ts';
import type { Operations } from '../pipeline/operations.ts';
import type { HttpStreams } from '../sse/http-streams.ts';
import { eventStreamFraming, multipartFraming, type StreamFraming } from '../sse/stream-framing.ts';
import { type AccessLog, logHttpAccess } from '../telemetry/access-log.ts';
import type { HeaderPropagation } from './client-headers.ts';
import { readRequest } from './graphql-request.ts';
import { inflateBodies } from './inflate.ts';
import { readJsonBodies } from './json-bodies.ts';
import { answerType, graphqlResponseJson, json, type StreamUse, streamUse } from './media-types.ts';
import { readAfterFrom } from './read-after.ts';

export interface GraphqlHttpOptions {
  readonly operations: Operations;
  readonly authenticate: Authenticate;
  readonly accessLog: AccessLog;
  readonly tokens: InternalTokens;
  readonly headerPropagation: HeaderPropagation;
  /** Operations in one request at most; 0 allows no array. */
  readonly batch: number;
  readonly streams: HttpStreams;
  readonly log: Logger;
}

/** An operation of one request. */
interface RunningOperation {
  readonly viewer: string | null;
  /** Never rejects. */
  readonly outcome: Promise<Outcome>;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** One id from the client to the projector's log. */
    requestId: string;
    operations: readonly RunningOperation[];
  }
}

/** GraphQL over HTTP at /graphql, in a scope of its own: its errors have GraphQL's shape, other routes' do not. */
export const serveGraphqlHttp = async (app: FastifyInstance, options: GraphqlHttpOptions): Promise<void> => {
  const { accessLog, log } = options;
  app.decorateRequest('requestId', '');
  app.decorateRequest('operations');

  await app.register(async (scope) => {
    inflateBodies(scope);
    readJsonBodies(scope);
    // A body that is not JSON is dropped here and refused later because of its content type.
    scope.removeContentTypeParser('text/plain');
    scope.addContentTypeParser('*', (_request, payload, done) => {
      payload.resume();
      done(null, undefined);
    });
    scope.addHook('onRequest', (request, reply, done) => {
      request.requestId = requestIdFrom(request.headers[requestIdHeader]);
      request.operations = [];
      reply.header(requestIdHeader, request.requestId);
      // Not Fastify's onResponse, which does not run if the client leaves first, as it does from most streams.
      reply.raw.once('close', () => void logHttpAccess(request, reply, accessLog));
      done();
    });
    scope.setErrorHandler<FastifyError>((error, request, reply) => fail(error, request, reply, log));
    scope.route({
      // All of them, so that what is refused is told what is allowed.
      method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
      url: '/graphql',
      handler: (request, reply) => answer(request, reply, options),
    });
  });
};

const answer = async (
  request: FastifyRequest,
  reply: FastifyReply,
  options: GraphqlHttpOptions,
): Promise<unknown> => {
  const { authenticate, batch, streams } = options;
  const received = readRequest(request, batch);
  const use = 'map' in received ? undefined : streamUse(request.headers.accept);
  if (use?.operations === 'all' && !('map' in received))
    return stream(request, reply, received, use, options);
  const type = answerType(request.headers.accept);
  if (type === undefined) throw notAcceptable();
  const session = await authenticate.session(request.headers.authorization);
  const live = use !== undefined;
  reply.header('content-type', type).header('cache-control', 'no-store').header('vary', 'accept');
  if ('map' in received) {
    const outcomes = await Promise.all(
      received.map((operation) => run(request, operation, session, options, live)),
    );
    return reply.send(JSON.stringify(outcomes.map(resultOf)));
  }
  const outcome = await run(request, received, session, options, live);
  for (const [name, value] of outcome.headers) reply.header(name, value);
  if (outcome.kind === 'subscription' && use) {
    streams.admit(request);
    return streams.serve(request, reply, { framing: framings[use.framing], session, outcome: outcome.start });
  }
  const result = resultOf(outcome);
  const status = outcome.kind === 'answer' ? outcome.status : undefined;
  return reply.code(statusFor(outcome.record, type, status)).send(JSON.stringify(result));
};

/** Subscriptions begin on transports that carry them alone. */
const resultOf = (outcome: Outcome): FormattedExecutionResult => {
  if (outcome.kind === 'answer') return outcome.result;
  throw new Error('a subscription was accepted on a transport without subscriptions');
};

const framings: Readonly<Record<StreamUse['framing'], StreamFraming>> = {
  'event-stream': eventStreamFraming,
  multipart: multipartFraming,
};

/** Answers an operation of any kind with a stream. */
const stream = async (
  request: FastifyRequest,
  reply: FastifyReply,
  received: OperationRequest,
  { framing }: StreamUse,
  options: GraphqlHttpOptions,
): Promise<void> => {
  const { authenticate, streams } = options;
  streams.admit(request);
  const session = await authenticate.session(request.headers.authorization);
  const outcome = await run(request, received, session, options, true);
  const streamed = outcome.kind === 'subscription' ? outcome.start : outcome.result;
  await streams.serve(request, reply, { framing: framings[framing], session, outcome: streamed });
};

/** Runs an operation, which is logged once the response is closed. */
const run = (
  request: FastifyRequest,
  operation: OperationRequest,
  session: Session | undefined,
  { operations, tokens, headerPropagation }: GraphqlHttpOptions,
  live: boolean,
): Promise<Outcome> => {
  const { headers } = request;
  const viewer = session?.viewer ?? null;
  const context = operationContext({
    tokens,
    viewer,
    session,
    requestId: request.requestId,
    address: request.ip,
    traceparent: traceparentFrom(headers.traceparent),
    readAfter: readAfterFrom(headers[readAfterHeader]),
    clientHeaders: headerPropagation.from(headers),
    queriesOnly: request.method === 'GET',
    showCost: headers[costHeader] !== undefined,
    live,
  });
  const outcome = operations.run(operation, context);
  request.operations = [...request.operations, { viewer, outcome }];
  return outcome;
};

const notAcceptable = () =>
  new RookeryError('BAD_REQUEST', `Answers come as ${json} or ${graphqlResponseJson}.`, {
    http: { status: 406 },
  });

/**
 * GraphQL over HTTP, section 6.4: with `application/json` a well-formed request that doesn't parse, validate or
 * coerce is answered 200, since intermediaries may be the authors of any other status; with
 * `application/graphql-response+json` it is 400.
 */
const statusFor = ({ refused }: OperationRecord, type: string, status = 200): number => {
  if (!refused) return status;
  return type === json ? 200 : 400;
};

/** Responds to failures outside of operations: unreadable requests, and internal errors. */
const fail = (
  error: FastifyError | RookeryError,
  { requestId, headers: { accept } }: FastifyRequest,
  reply: FastifyReply,
  log: Logger,
) => {
  const { status, headers } = statusOf(error);
  const cause =
    error instanceof RookeryError || status >= 500 ? error : new RookeryError('BAD_REQUEST', error.message);
  for (const [name, value] of headers) reply.header(name, value);
  return reply
    .code(status)
    .header('content-type', answerType(accept) ?? json)
    .send(JSON.stringify({ errors: maskAll([cause], { log, requestId }) }));
};

/** The status on the error itself, else that of its code. */
const statusOf = (error: FastifyError | RookeryError) => {
  const { status, headers } = httpOf(error);
  if (status !== undefined) return { status, headers };
  if ('statusCode' in error && error.statusCode !== undefined) return { status: error.statusCode, headers };
  return { status: error instanceof RookeryError ? errorCodes[error.code] : 500, headers };
};
