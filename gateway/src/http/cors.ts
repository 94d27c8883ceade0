import cors from '@fastify/cors';
import { type Logger, type OriginPattern, originExpression, requestIdHeader } from '@rookery/runtime';
import type { FastifyInstance } from 'fastify';
import { LRUCache } from 'lru-cache';

/** Headers of an answer that a page may see. */
const exposedHeaders = [requestIdHeader, 'ratelimit', 'ratelimit-policy', 'retry-after'].join(', ');

/** Refused origins that are remembered, so that each is logged once. */
const maxRefusedOrigins = 1_000;

/** Decides which origins' pages may call: the gateway's own, the configured ones, and clients that are no page. */
export class Origins {
  readonly #configured: readonly RegExp[];
  readonly #refused = new LRUCache<string, true>({ max: maxRefusedOrigins });
  readonly #log: Logger;

  constructor(configured: readonly OriginPattern[], log: Logger) {
    this.#configured = configured.map(originExpression);
    this.#log = log;
    if (configured.length === 0)
      log.info('CORS_ORIGINS is empty: only pages that this gateway serves itself may call it');
  }

  /** Returns whether a page may open a WebSocket: a browser lets any page open one, and only names its origin. */
  mayConnect(origin: string | undefined, host: string | undefined): boolean {
    if (origin === undefined || this.#isListed(origin)) return true;
    if (URL.canParse(origin) && new URL(origin).host === host) return true;
    this.#logRefusal(origin);
    return false;
  }

  /**
   * Registers CORS for the whole app. Tokens come in a header, never in a cookie, so credentials stay off, and a page
   * that may call may send any header: what tracing tools add (tracestate, baggage, sentry-trace, x-datadog-…) must
   * not fail its preflight.
   */
  async register(app: FastifyInstance): Promise<void> {
    app.addHook('onRequest', (request, _reply, done) => {
      // Only for its log line: a page of another origin is refused by its browser.
      this.mayConnect(request.headers.origin, request.headers.host);
      done();
    });
    await app.register(cors, {
      origin: [...this.#configured],
      methods: ['GET', 'POST'],
      exposedHeaders,
      maxAge: 86_400,
    });
  }

  /** Returns the headers that `register` sets for a request that is no preflight. */
  headersFor(origin: string | undefined): Readonly<Record<string, string>> {
    return {
      ...(origin !== undefined && this.#isListed(origin) && { 'access-control-allow-origin': origin }),
      'access-control-expose-headers': exposedHeaders,
    };
  }

  #isListed(origin: string): boolean {
    return this.#configured.some((expression) => expression.test(origin));
  }

  #logRefusal(origin: string): void {
    if (this.#refused.has(origin)) return;
    this.#refused.set(origin, true);
    this.#log.warn(
      { origin: origin.slice(0, 200) },
      'refused a page of an origin that CORS_ORIGINS does not list; this origin is not logged again',
    );
  }
}
