import type { IncomingMessage, RequestListener } from 'node:http';
import {
  type GatewayClaims,
  GatewayTokenError,
  type GatewayVerifier,
  gatewayHeader,
  tokenRefused,
} from '@rookery/subgraph-auth';
import { getOperationAST } from 'graphql';
import { createHandler, type Response } from 'graphql-http';
import { type Context, contextOf } from './context.ts';
import { maskError, notFromGateway, tryLater } from './errors.ts';
import { schema, validationRules } from './schema.ts';
import type { SampleStore } from './store.ts';

export interface HttpOptions {
  readonly verifier: GatewayVerifier;
  readonly store: SampleStore;
  readonly health: { readonly isStopping: boolean };
}

/** Longest request body, in bytes. */
const maxBodyBytes = 1_048_576;

const json = { 'content-type': 'application/json; charset=utf-8' };

/** The answer to whoever is not the gateway. The header tells the gateway that it is about its token, and not about its client. */
const refused: Response = [
  JSON.stringify({ errors: [notFromGateway()] }),
  { status: 403, statusText: 'Forbidden', headers: { ...json, [gatewayHeader]: tokenRefused } },
];
const withoutKeys: Response = [
  JSON.stringify({ errors: [tryLater()] }),
  { status: 503, statusText: 'Service Unavailable', headers: { ...json, 'retry-after': '1' } },
];
const tooLong: Response = [
  null,
  { status: 413, statusText: 'Content Too Large', headers: { connection: 'close' } },
];
const failed: Response = [null, { status: 500, statusText: 'Internal Server Error' }];

const answerStatus = (status: number, text: string): Response => [
  JSON.stringify({ status: text }),
  { status, statusText: text, headers: json },
];

/** Returns the whole body; undefined if it is too long. */
const readBody = async (request: IncomingMessage): Promise<Buffer | undefined> => {
  const parts: Buffer[] = [];
  let length = 0;
  // The request is kept, so that it can be answered.
  for await (const part of request.iterator({ destroyOnReturn: false })) {
    length += part.length;
    if (length > maxBodyBytes) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts);
};

/** Answers queries and mutations at POST /graphql, to the gateway only, and tells its health at /health/live and /health/ready. */
export const createHttpHandler = ({ verifier, store, health }: HttpOptions): RequestListener => {
  const handle = createHandler<IncomingMessage, GatewayClaims, Context>({
    // The token of a mutation holds for its body alone. A token without a body is that of a query, which must not write.
    schema: ({ context: claims }, { document, operationName }) =>
      getOperationAST(document, operationName)?.operation === 'mutation' && !claims.boundToOperation
        ? refused
        : schema,
    context: ({ context: claims, raw }) => contextOf(claims, raw.headers, store),
    validationRules,
    formatError: maskError,
  });

  const answerGraphql = async (raw: IncomingMessage): Promise<Response> => {
    const { method = '', url = '', headers } = raw;
    const body = await readBody(raw);
    if (body === undefined) return tooLong;
    let claims: GatewayClaims;
    try {
      claims = await verifier.verify(headers[gatewayHeader], body);
    } catch (error) {
      if (error instanceof GatewayTokenError) return refused;
      console.error(error);
      return withoutKeys;
    }
    return handle({ method, url, headers, body: body.toString('utf8'), raw, context: claims });
  };

  const answer = async (request: IncomingMessage): Promise<Response> => {
    const path = request.url?.split('?')[0];
    if (path === '/graphql') return answerGraphql(request);
    if (path === '/health/live') return answerStatus(200, 'live');
    if (path === '/health/ready')
      return health.isStopping ? answerStatus(503, 'stopping') : answerStatus(200, 'ready');
    return [null, { status: 404, statusText: 'Not Found' }];
  };

  return (request, response) => {
    answer(request)
      .catch((error: unknown) => {
        console.error('failed to answer a request', error);
        return failed;
      })
      .then(([body, { status, statusText, headers }]) => {
        response.writeHead(status, statusText, headers).end(body);
      });
  };
};
