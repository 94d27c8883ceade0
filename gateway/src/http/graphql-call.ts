import type { IncomingHttpHeaders } from 'node:http';
import { RookeryError } from '@rookery/graphql-server';
import { errorCodes, type Logger, readAfterHeader } from '@rookery/runtime';
import type { FastifyError } from 'fastify';
import type { FormattedExecutionResult } from 'graphql';
import type { Authenticate, Session } from '../auth/authenticate.ts';
import type { InternalTokens } from '../auth/internal-tokens.ts';
import { maskAll } from '../errors/mask-errors.ts';
import { type Caller, costHeader, operationContext, traceparentFrom } from '../pipeline/context.ts';
import { httpOf } from '../pipeline/http-status.ts';
import type { OperationRecord, OperationRequest, Outcome } from '../pipeline/operation.ts';
import type { Operations } from '../pipeline/operations.ts';
import type { AccessLog } from '../telemetry/access-log.ts';
import type { HeaderPropagation } from './client-headers.ts';
import { clientNameFrom } from './client-name.ts';
import type { Received } from './graphql-request.ts';
import { answerType, graphqlResponseJson, json } from './media-types.ts';
import { readAfterFrom } from './read-after.ts';

export interface GraphqlCallOptions {
  readonly operations: Operations;
  readonly authenticate: Authenticate;
  readonly accessLog: AccessLog;
  readonly tokens: InternalTokens;
  readonly headerPropagation: HeaderPropagation;
  /** Operations in one request at most; 0 allows no array. */
  readonly batch: number;
  readonly log: Logger;
}

/** An operation of one request. */
export interface RunningOperation {
  readonly viewer: string | null;
  /** Never rejects. */
  readonly outcome: Promise<Outcome>;
}

/** An HTTP request to /graphql, whichever server has read it. */
export interface GraphqlCall {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** One id from the client to the projector's log. */
  readonly requestId: string;
  /** Address of the client, behind trusted proxies. */
  readonly ip: string;
  operations: readonly RunningOperation[];
}

/** A complete response, without the headers that are the same for each one. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string | Buffer;
}

const noHeaders: ReadonlyMap<string, string> = new Map();

/** Returns the headers of answers of one content type. */
export const headersOfType = (type: string): Readonly<Record<string, string>> => ({
  'content-type': type,
  'cache-control': 'no-store',
  vary: 'accept',
});

/** Runs an operation, which is logged once the response is closed. */
export const runOperation = (
  call: GraphqlCall,
  operation: OperationRequest,
  session: Session | undefined,
  { operations, tokens, headerPropagation }: GraphqlCallOptions,
  carries: Pick<Caller, 'live' | 'takesBytes'> = {},
): Promise<Outcome> => {
  const { headers } = call;
  const viewer = session?.viewer ?? null;
  const context = operationContext({
    tokens,
    viewer,
    session,
    requestId: call.requestId,
    address: call.ip,
    traceparent: traceparentFrom(headers.traceparent),
    readAfter: readAfterFrom(headers[readAfterHeader]),
    clientHeaders: headerPropagation.from(headers),
    queriesOnly: call.method === 'GET',
    showCost: headers[costHeader] !== undefined,
    client: carries.live ? clientNameFrom(headers) : undefined,
    ...carries,
  });
  const outcome = operations.run(operation, context);
  call.operations = [...call.operations, { viewer, outcome }];
  return outcome;
};

/** Runs what a request has asked for, all of it without subscriptions. */
export const answerCall = async (
  call: GraphqlCall,
  received: Received,
  session: Session | undefined,
  type: string,
  options: GraphqlCallOptions,
): Promise<HttpAnswer> => {
  if (!('map' in received))
    return answerTo(await runOperation(call, received, session, options, { takesBytes: true }), type);
  const outcomes = await Promise.all(received.map((each) => runOperation(call, each, session, options)));
  return { status: 200, headers: noHeaders, body: JSON.stringify(outcomes.map(resultOf)) };
};

/** Returns the response to one operation. */
export const answerTo = (outcome: Outcome, type: string): HttpAnswer => {
  if (outcome.kind === 'bytes') return { status: 200, headers: outcome.headers, body: outcome.bytes };
  const status = outcome.kind === 'answer' ? outcome.status : undefined;
  return {
    status: statusFor(outcome.record, type, status),
    headers: outcome.headers,
    body: JSON.stringify(resultOf(outcome)),
  };
};

/** Returns the result of an operation for a transport that carries nothing else. */
export const resultOf = (outcome: Outcome): FormattedExecutionResult => {
  if (outcome.kind === 'answer') return outcome.result;
  throw new Error(
    `the outcome of an operation is of the kind ${outcome.kind}, which this transport does not carry`,
  );
};

export const notAcceptable = () =>
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

/** Returns the response to a failure outside of operations: an unreadable request, or an internal error. */
export const failureAnswer = (
  error: FastifyError | RookeryError,
  { requestId, headers: { accept } }: Pick<GraphqlCall, 'requestId' | 'headers'>,
  log: Logger,
): HttpAnswer => {
  const { status, headers } = statusOf(error);
  const cause =
    error instanceof RookeryError || status >= 500 ? error : new RookeryError('BAD_REQUEST', error.message);
  return {
    status,
    headers: new Map([...headers, ['content-type', answerType(accept) ?? json]]),
    body: JSON.stringify({ errors: maskAll([cause], { log, requestId }) }),
  };
};

/** The status on the error itself, else that of its code. */
const statusOf = (error: FastifyError | RookeryError) => {
  const { status, headers } = httpOf(error);
  if (status !== undefined) return { status, headers };
  if ('statusCode' in error && error.statusCode !== undefined) return { status: error.statusCode, headers };
  return { status: error instanceof RookeryError ? errorCodes[error.code] : 500, headers };
};
