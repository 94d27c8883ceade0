import type { IncomingHttpHeaders, IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { requestIdFrom, requestIdHeader } from '@rookery/runtime';
import type { FastifyError, FastifyInstance } from 'fastify';
import { logHttpAccess } from '../telemetry/access-log.ts';
import { clientAddress, type TrustedProxy } from './client-address.ts';
import type { Origins } from './cors.ts';
import {
  answerCall,
  failureAnswer,
  type GraphqlCall,
  type GraphqlCallOptions,
  type HttpAnswer,
  headersOfType,
  type RunningOperation,
} from './graphql-call.ts';
import { operationsIn } from './graphql-request.ts';
import { createJsonParser, type JsonParser } from './json-bodies.ts';
import { answerType, streamUse } from './media-types.ts';
import { securityHeaders } from './security-headers.ts';
import { wholeBody } from './whole-body.ts';

export interface PlainPostsOptions extends GraphqlCallOptions {
  readonly origins: Origins;
  readonly trustedProxy: TrustedProxy;
  /** Longest body, in bytes. */
  readonly bodyLimit: number;
}

/**
 * Answers ordinary operations ahead of Fastify, which costs a tenth of a page that is one fetch: POST over HTTP/1.1 with a JSON
 * body of known length, for one JSON answer. Fastify keeps everything else, such as other methods, compressed bodies, streams
 * and HTTP/2. A client cannot tell which of them has answered: `plain-posts.test.ts` compares both.
 */
export const servePlainPosts = (app: FastifyInstance, options: PlainPostsOptions): void => {
  const [fastify] = app.server.listeners('request') as RequestListener[];
  if (!fastify) throw new Error('Fastify does not listen for requests');
  const posts = new PlainPosts(app, options);
  let closing = false;
  app.addHook('preClose', async () => {
    closing = true;
  });
  app.server.removeListener('request', fastify);
  app.server.on('request', (request, response) => {
    const type = closing ? undefined : posts.answerTypeOf(request);
    if (type === undefined) fastify(request, response);
    else posts.answer(request, response, type, () => closing);
  });
};

/** Content types in the spellings that clients use. Fastify reads any other one. */
const ordinaryTypes: ReadonlySet<string | undefined> = new Set([
  'application/json',
  'application/json; charset=utf-8',
  'application/json;charset=utf-8',
  'application/json; charset=UTF-8',
  'application/json;charset=UTF-8',
]);

/** Accept headers of which the answer's type is remembered. */
const maxAccepts = 100;

class PlainPosts {
  readonly #options: PlainPostsOptions;
  readonly #parse: JsonParser;
  readonly #answerTypes = new Map<string | undefined, string | undefined>();

  constructor(app: FastifyInstance, options: PlainPostsOptions) {
    this.#options = options;
    this.#parse = createJsonParser(app);
  }

  /** Returns the content type of the answer to an ordinary request; undefined if Fastify must answer it. */
  answerTypeOf({ method, url, httpVersionMajor, headers }: IncomingMessage): string | undefined {
    if (method !== 'POST' || url !== '/graphql' || httpVersionMajor !== 1) return undefined;
    const length = Number(headers['content-length']);
    if (!(length > 0 && length <= this.#options.bodyLimit)) return undefined;
    if (!ordinaryTypes.has(headers['content-type'])) return undefined;
    if (headers['content-encoding'] !== undefined || headers['transfer-encoding'] !== undefined)
      return undefined;
    return this.#answerTypeFor(headers.accept);
  }

  #answerTypeFor(accept: string | undefined): string | undefined {
    const known = this.#answerTypes.get(accept);
    if (known !== undefined || this.#answerTypes.has(accept)) return known;
    const type = streamUse(accept) === undefined ? answerType(accept) : undefined;
    if (this.#answerTypes.size >= maxAccepts) this.#answerTypes.clear();
    this.#answerTypes.set(accept, type);
    return type;
  }

  answer(request: IncomingMessage, response: ServerResponse, type: string, isClosing: () => boolean): void {
    const { accessLog, trustedProxy, origins, log } = this.#options;
    const startedAt = performance.now();
    const call = new PlainCall(request, trustedProxy);
    const { origin, host } = call.headers;
    // Only for its log line, as for other requests.
    origins.mayConnect(origin, host);
    const head: Head = {
      ...securityHeaders,
      ...origins.headersFor(origin),
      vary: 'Origin',
      [requestIdHeader]: call.requestId,
    };
    response.once(
      'close',
      () => void logHttpAccess(call, response, performance.now() - startedAt, accessLog),
    );
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    // The client has left, which the closed response tells.
    request.on('error', () => {});
    request.once('end', () => {
      this.#answer(call, wholeBody(chunks), type, head)
        .then((answer) => send(response, answer, isClosing() ? { ...head, connection: 'close' } : head))
        .catch((error) => {
          log.error(
            { error, requestId: call.requestId },
            'failed to send a response; its connection is closed',
          );
          response.destroy();
        });
    });
  }

  /** Never rejects. @param head headers of the response, to which it adds */
  async #answer(call: PlainCall, body: Buffer, type: string, head: Head): Promise<HttpAnswer> {
    const { authenticate, batch, log } = this.#options;
    try {
      const received = operationsIn(this.#read(call, body, head), batch);
      const found = authenticate.session(call.headers.authorization);
      const session = found instanceof Promise ? await found : found;
      Object.assign(head, headersOfType(type));
      return await answerCall(call, received, session, type, this.#options);
    } catch (error) {
      return failureAnswer(error as FastifyError, call, log);
    }
  }

  /** @throws as the parser does; the connection is closed then, as Fastify does it */
  #read({ headers }: PlainCall, body: Buffer, head: Head): unknown {
    try {
      return this.#parse(headers['content-type'], body);
    } catch (error) {
      head.connection = 'close';
      throw error;
    }
  }
}

/** Headers of a response that is being made. */
type Head = Record<string, string>;

const send = (response: ServerResponse, { status, headers, body }: HttpAnswer, head: Head): void => {
  for (const [name, value] of headers) head[name] = value;
  head['content-length'] = String(Buffer.byteLength(body));
  response.writeHead(status, head).end(body);
};

class PlainCall implements GraphqlCall {
  readonly method = 'POST';
  readonly headers: IncomingHttpHeaders;
  readonly requestId: string;
  operations: readonly RunningOperation[] = [];
  readonly #request: IncomingMessage;
  readonly #trustedProxy: TrustedProxy;

  constructor(request: IncomingMessage, trustedProxy: TrustedProxy) {
    this.headers = request.headers;
    this.requestId = requestIdFrom(request.headers[requestIdHeader]);
    this.#request = request;
    this.#trustedProxy = trustedProxy;
  }

  get ip(): string {
    return clientAddress(this.#request, this.#trustedProxy);
  }
}
