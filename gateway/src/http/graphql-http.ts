import { requestIdFrom, requestIdHeader } from '@rookery/runtime';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { OperationRequest } from '../pipeline/operation.ts';
import { type HttpStreams, StoppingError } from '../sse/http-streams.ts';
import { eventStreamFraming, multipartFraming, type StreamFraming } from '../sse/stream-framing.ts';
import { logHttpAccess } from '../telemetry/access-log.ts';
import {
  answerCall,
  answerTo,
  failureAnswer,
  type GraphqlCallOptions,
  type HttpAnswer,
  headersOfType,
  notAcceptable,
  type RunningOperation,
  resultOf,
  runOperation,
} from './graphql-call.ts';
import { readRequest } from './graphql-request.ts';
import { inflateBodies } from './inflate.ts';
import { readJsonBodies } from './json-bodies.ts';
import { answerType, type StreamUse, streamUse } from './media-types.ts';

export interface GraphqlHttpOptions extends GraphqlCallOptions {
  readonly streams: HttpStreams;
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
      reply.raw.once('close', () => void logHttpAccess(request, reply.raw, reply.elapsedTime, accessLog));
      done();
    });
    scope.setErrorHandler<FastifyError>((error, request, reply) =>
      error instanceof StoppingError ? sendStopping(reply) : send(reply, failureAnswer(error, request, log)),
    );
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
  reply.headers(headersOfType(type));
  if (use === undefined || 'map' in received)
    return send(reply, await answerCall(request, received, session, type, options));
  const outcome = await runOperation(request, received, session, options, { live: true });
  if (outcome.kind !== 'subscription') return send(reply, answerTo(outcome, type));
  for (const [name, value] of outcome.headers) reply.header(name, value);
  streams.admit(request);
  return streams.serve(request, reply, { framing: framings[use.framing], session, outcome: outcome.start });
};

const send = (reply: FastifyReply, { status, headers, body }: HttpAnswer): FastifyReply => {
  for (const [name, value] of headers) reply.header(name, value);
  return reply.code(status).send(body);
};

/**
 * Refuses a stream because the gateway stops. The answer is not one of GraphQL: clients that retry, such as Apollo's RetryLink,
 * connect again after this one, but would hand a GraphQL error to the subscriber.
 */
const sendStopping = (reply: FastifyReply): FastifyReply =>
  reply
    .code(503)
    .header('retry-after', '1')
    .type('text/plain; charset=utf-8')
    .send('The gateway stops. Connect again.\n');

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
  const outcome = await runOperation(request, received, session, options, { live: true });
  const streamed = outcome.kind === 'subscription' ? outcome.start : resultOf(outcome);
  await streams.serve(request, reply, { framing: framings[framing], session, outcome: streamed });
};
