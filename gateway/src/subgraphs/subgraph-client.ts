import { parseExact, type SubgraphAnswer, type SubgraphFetch } from '@rookery/federation-executor';
import { unavailable } from '@rookery/graphql-server';
import {
  CallTimeoutError,
  isId,
  type Logger,
  type Policy,
  type PolicyMetrics,
  PolicyRefusalError,
  plainDataHeader,
  type Span,
  type SpanAttributes,
  traced,
} from '@rookery/runtime';
import { gatewayHeader, sharedTaken, tokenRefused } from '@rookery/subgraph-auth';
import type { GraphQLError } from 'graphql';
import type { OperationContext } from '../pipeline/context.ts';
import type { GatewayMetrics } from '../telemetry/metrics.ts';
import { acceptedEncodings, decode, foreignCharset, textOf } from './decode-body.ts';
import type { HttpClient } from './http-client.ts';
import { InFlight } from './in-flight.ts';
import { KeepAliveClient } from './keep-alive-client.ts';
import { type ReadAnswer, readAnswer } from './read-answer.ts';
import { ClientCausedError, type Resilience, subgraphPolicy } from './resilience.ts';
import type { PlainData, SubgraphService } from './service.ts';
import {
  type AnswerHead,
  checkHealth,
  UnusableAnswerError,
  UnwellSubgraphError,
  unusableAnswer,
} from './subgraph-status.ts';
import { TlsClient } from './tls-client.ts';

export interface SubgraphClientOptions {
  readonly name: string;
  /** The subgraph's GraphQL endpoint. */
  readonly url: string;
  readonly log: Logger;
  readonly metrics: GatewayMetrics;
  readonly policies: PolicyMetrics;
  readonly resilience: Resilience;
  /** Longest time from the client's request to the end of the last fetch for it. */
  readonly requestTimeoutMs: number;
  /** Longest answer, in bytes. */
  readonly maxBytes: number;
}

/** Longest wait for a sign of life, in milliseconds: whoever reads the metrics waits for it. */
const probeTimeoutMs = 1_000;

/**
 * Sends fetches to one subgraph over connections that stay open, on behalf of the viewer.
 *
 * A subgraph that is unreachable, too slow or answers 5xx is SERVICE_UNAVAILABLE at each lost field, and
 * counts for its breaker. A 4xx with a GraphQL body is a normal response, because a single client may cause
 * it and must not take the subgraph from the others.
 */
export class SubgraphClient implements SubgraphService, AsyncDisposable {
  readonly name: string;
  readonly url: string;
  readonly #client: HttpClient;
  readonly #path: string;
  /** After OpenTelemetry's semantic conventions for HTTP clients; the address without credentials and query. */
  readonly #spanAttributes: SpanAttributes;
  readonly #inFlight = new InFlight<Received>();
  readonly #policy: Policy;
  readonly #options: SubgraphClientOptions;
  /** True if the answer to the last mutation says that the subgraph takes tokens that share a signature. */
  #takesShared = false;

  constructor(options: SubgraphClientOptions) {
    const url = new URL(options.url);
    const { origin, hostname, port, protocol, pathname, search } = url;
    this.name = options.name;
    this.url = options.url;
    this.#options = options;
    this.#path = pathname + search;
    this.#spanAttributes = {
      'http.request.method': 'POST',
      'server.address': hostname,
      'server.port': Number(port) || (protocol === 'https:' ? 443 : 80),
      'url.full': origin + pathname,
      'rookery.subgraph': options.name,
    };
    this.#policy = subgraphPolicy(options.name, options.resilience, options.policies);
    this.#client = protocol === 'https:' ? new TlsClient(origin, options) : new KeepAliveClient(url, options);
  }

  async fetch(fetch: SubgraphFetch, context: OperationContext): Promise<SubgraphAnswer> {
    const answer = await this.#fetch(fetch, context, false);
    return 'bytes' in answer ? answer.read() : answer;
  }

  async fetchBytes(fetch: SubgraphFetch, context: OperationContext): Promise<SubgraphAnswer | PlainData> {
    return this.#fetch(fetch, context, true);
  }

  async #fetch(
    { query, operationName, variables, readAfter }: SubgraphFetch,
    context: OperationContext,
    takesBytes: boolean,
  ): Promise<SubgraphAnswer | PlainData> {
    const call: Call = {
      context,
      readAfter,
      body: JSON.stringify({ query, operationName, variables }),
      isMutation: isMutation(query),
      takesBytes,
    };
    const began = performance.now();
    try {
      const received = await (call.isMutation ? this.#ask(call) : this.#share(call));
      if (takesBytes && received.isPlainData) {
        this.#noteTime(began, 'ok', context.traceparent);
        return { bytes: received.body, read: () => this.#read(received, context) };
      }
      const answer = answerIn(received);
      this.#noteTime(began, answer.errors ? 'errors' : 'ok', context.traceparent);
      return said(answer);
    } catch (error) {
      this.#noteTime(began, 'unavailable', context.traceparent);
      return this.#failure(error, context);
    }
  }

  #read(received: Received, context: OperationContext): SubgraphAnswer {
    try {
      return said(answerIn(received));
    } catch (error) {
      return this.#failure(error, context);
    }
  }

  #failure(error: unknown, { requestId }: OperationContext): SubgraphAnswer {
    const about = { error, subgraph: this.name, requestId };
    this.#options.log.warn(about, 'subgraph fetch failed, its fields are null');
    return { data: null, errors: [shownTo(error).toJSON()] };
  }

  /** One fetch serves all who ask the same for the same viewer, with the same headers, at the same time. */
  #share(call: Call): Promise<Received> {
    const key = `${call.context.caller.identity(this.name, call.readAfter)} ${call.body}`;
    const first = this.#inFlight.join(key);
    return first === undefined ? this.#inFlight.run(key, this.#ask(call)) : this.#join(call, first);
  }

  /** Returns an answer of its own, to write into. */
  async #join(call: Call, first: Promise<Received>): Promise<Received> {
    const { context } = call;
    this.#options.metrics.joinedFetches.inc({ subgraph: this.name });
    try {
      return { ...(await this.#inTime(context, first)), answer: undefined };
    } catch (error) {
      // The one who asked ran out of time or places. That says nothing about who joined: the first of them asks next.
      if (!isAskersOwn(error) || this.#timeLeft(context) <= 0) throw error;
      return this.#share(call);
    }
  }

  #timeLeft({ startedAt }: OperationContext): number {
    return startedAt + this.#options.requestTimeoutMs - performance.now();
  }

  /** Waits for a call that another request began, but no longer than this request has. */
  async #inTime<T>(context: OperationContext, call: Promise<T>): Promise<T> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(outOfTime()), this.#timeLeft(context));
    try {
      return await Promise.race([call, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Queries are tried again after a failure; a mutation may have taken effect. */
  #ask(call: Call): Promise<Received> {
    const { context, isMutation } = call;
    const options = {
      parent: context.traceparent,
      kind: 'CLIENT',
      attributes: this.#spanAttributes,
    } as const;
    return this.#policy.execute(() => traced('POST', options, (span) => this.#post(call, span)), {
      retry: !isMutation,
      caller: context.viewer ?? context.address ?? '',
    });
  }

  /**
   * Tells whether the subgraph answers at all, for operators. Any answer below 500 counts: another team's subgraph need
   * not have a path for its health, and may refuse this question.
   */
  async isUp(): Promise<boolean> {
    try {
      const { status } = await this.#client.post({
        path: this.#path,
        headers: () => ({ 'content-type': 'application/json', accept: 'application/json' }),
        body: JSON.stringify({ query: '{ __typename }' }),
        timeoutMs: probeTimeoutMs,
        onTimeout: () => new CallTimeoutError(probeTimeoutMs),
      });
      return status < 500;
    } catch (error) {
      this.#options.log.debug({ error, subgraph: this.name }, 'subgraph does not answer');
      return false;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client[Symbol.asyncDispose]();
  }

  #noteTime(began: number, outcome: 'ok' | 'errors' | 'unavailable', traceparent: string | undefined): void {
    const seconds = (performance.now() - began) / 1_000;
    this.#options.metrics.subgraphSeconds.observeTraced(
      { subgraph: this.name, outcome },
      seconds,
      traceparent,
    );
  }

  /** @param mayShare whether the token of a mutation may share its signature */
  async #post(call: Call, span: Span, mayShare = true): Promise<Received> {
    const { resilience, maxBytes } = this.#options;
    const left = this.#timeLeft(call.context);
    if (left <= 0) throw outOfTime();
    const { body, isMutation } = call;
    const shares = isMutation && mayShare && this.#takesShared;
    const token = this.#mutationToken(call, shares);
    const {
      status,
      headers: answered,
      body: received,
    } = await this.#client.post({
      path: this.#path,
      headers: () => this.#headers(call, span.traceparent, token?.()),
      body,
      ...(left < resilience.timeoutMs
        ? { timeoutMs: left, onTimeout: outOfTime }
        : { timeoutMs: resilience.timeoutMs, onTimeout: () => new CallTimeoutError(resilience.timeoutMs) }),
    });
    span.set({ 'http.response.status_code': status });
    // An answer of 500 or more fails the span by its error below.
    if (status >= 400 && status < 500) span.fail(String(status));
    const head: AnswerHead = {
      status,
      retryAfter: firstOf(answered['retry-after']),
      refusesGateway: firstOf(answered[gatewayHeader]) === tokenRefused,
    };
    if (isMutation) this.#takesShared = firstOf(answered[gatewayHeader]) === sharedTaken;
    // Another replica, of an earlier version, has answered. It has executed nothing.
    if (shares && head.refusesGateway) return this.#post(call, span, false);
    checkHealth(this.name, head);
    try {
      const encoding = firstOf(answered['content-encoding']);
      const plain = encoding === undefined ? received : await decode(received, encoding, maxBytes);
      const contentType = firstOf(answered['content-type']);
      const isPlainData =
        firstOf(answered[plainDataHeader]) === 'true' && status === 200 && !foreignCharset(contentType);
      if (isPlainData && call.takesBytes) return { body: plain, contentType, isPlainData, answer: undefined };
      const answer = readAnswer(parseExact(textOf(plain, contentType)));
      if (!answer.data && !answer.errors?.length) throw new Error('neither data nor errors');
      return { body: plain, contentType, isPlainData, answer };
    } catch (error) {
      throw unusableAnswer(this.name, head, error);
    }
  }

  /** Returns the function that makes the token of a mutation when it is sent. */
  #mutationToken({ context, body, isMutation }: Call, shares: boolean): (() => string) | undefined {
    return isMutation ? context.caller.mutationToken(this.name, body, shares) : undefined;
  }

  #headers(
    { context, readAfter }: Call,
    traceparent: string | undefined,
    token: string | undefined,
  ): Record<string, string> {
    return {
      ...context.caller.headers(this.name, readAfter, token),
      'content-type': 'application/json',
      accept: 'application/json',
      'accept-encoding': acceptedEncodings,
      ...(traceparent === undefined ? {} : { traceparent }),
    };
  }
}

/** One fetch on its way. */
interface Call {
  readonly context: OperationContext;
  readonly readAfter: readonly string[];
  readonly body: string;
  readonly isMutation: boolean;
  /** True if an answer that is data alone is not read. */
  readonly takesBytes: boolean;
}

const outOfTime = () => new ClientCausedError('the time for the whole request is over');

/** Returns whether a call failed because its own caller had no time or places left, and not because of its subgraph. */
const isAskersOwn = (error: unknown): boolean =>
  error instanceof ClientCausedError || (error instanceof PolicyRefusalError && error.why === 'full');

const shownTo = (error: unknown): GraphQLError => {
  if (error instanceof UnusableAnswerError) return error.shown;
  return unavailable(error instanceof UnwellSubgraphError ? error.retryAfterSeconds : undefined);
};

const firstOf = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header[0] : header;

/** An answer as it came, but decompressed. */
interface Received {
  readonly body: Buffer;
  readonly contentType: string | undefined;
  /** True if the subgraph says that it has neither errors nor extensions. */
  readonly isPlainData: boolean;
  /** Read already, for the first who takes it. */
  readonly answer: ReadAnswer | undefined;
}

const answerIn = ({ body, contentType, answer }: Received): ReadAnswer =>
  answer ?? readAnswer(parseExact(textOf(body, contentType)));

/** Returns an answer with what its extensions say about it as a whole. */
const said = ({ data, errors, extensions }: ReadAnswer): SubgraphAnswer => {
  if (extensions === undefined) return { data, errors };
  const { stale, readAfter } = extensions;
  const ids = Array.isArray(readAfter) ? readAfter.filter((id) => typeof id === 'string' && isId(id)) : [];
  return { data, errors, isStale: stale === true, readAfter: ids };
};

/** The planner's own text: it begins with the word. */
const isMutation = (query: string): boolean => query.startsWith('mutation');
