import cors from '@fastify/cors';
import type { FastifyInstance } from 'fastify';
import { clientHeaders } from './client-name.ts';
import { costHeader } from './context.ts';
import { preflightHeaders } from './graphql-request.ts';
import { readAfterHeader } from './read-after.ts';
import { requestIdHeader } from './request-id.ts';

/** Which origins' pages may call: the gateway's own, those that are listed, and whoever is no page at all. */
export class Origins {
  readonly #listed: ReadonlySet<string>;

  constructor(listed: readonly string[]) {
    this.#listed = new Set(listed);
  }

  /** For transports without CORS: a browser lets any page open a WebSocket, and says only where it is from. */
  mayConnect(origin: string | undefined, host: string | undefined): boolean {
    if (origin === undefined || this.#listed.has(origin)) return true;
    return URL.canParse(origin) && new URL(origin).host === host;
  }

  /** CORS for all of the app. Tokens come in a header, never in a cookie, so credentials stay off. */
  async register(app: FastifyInstance): Promise<void> {
    await app.register(cors, {
      origin: [...this.#listed],
      methods: ['GET', 'POST'],
      allowedHeaders: [
        'authorization',
        'content-type',
        ...preflightHeaders,
        ...clientHeaders,
        costHeader,
        'traceparent',
        readAfterHeader,
        requestIdHeader,
      ],
      // A page sees no other than these.
      exposedHeaders: [requestIdHeader, 'ratelimit', 'ratelimit-policy', 'retry-after'],
      maxAge: 86_400,
    });
  }
}
