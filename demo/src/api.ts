import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs } from '@rookery/runtime/backoff';
import { Pool } from 'undici';
import { z } from 'zod';

const answer = z.object({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z
    .array(
      z.object({
        message: z.string(),
        extensions: z.object({ code: z.string(), retryAfter: z.number().optional() }).partial().optional(),
      }),
    )
    .optional(),
});

/** The API refused an operation. */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly code: string;
  /** Seconds. */
  readonly retryAfter: number | undefined;
  constructor(code: string, message: string, retryAfter?: number) {
    super(message);
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/**
 * Codes after which the same request may succeed if it is sent again, which is safe because each call carries
 * an idempotency key.
 */
const passing: ReadonlySet<string> = new Set(['RATE_LIMITED', 'SERVICE_UNAVAILABLE', 'UNREACHABLE']);

export interface Operation {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly token?: string;
}

/** The public API, as one client sees it. */
export interface Api extends AsyncDisposable {
  /**
   * Returns the data of the operation. Retries for `timeoutMs` milliseconds while the API is unavailable.
   * @throws ApiError
   */
  readonly send: (operation: Operation, timeoutMs?: number) => Promise<Readonly<Record<string, unknown>>>;
}

/**
 * @param url address of the gateway, without path
 * @param connections maximum number of concurrent requests
 */
export const connect = (url: string, connections: number): Api => {
  const pool = new Pool(new URL(url).origin, { connections, bodyTimeout: 30_000, headersTimeout: 30_000 });

  const once = async ({ query, variables, token }: Operation) => {
    const response = await pool
      .request({
        method: 'POST',
        path: '/graphql',
        headers: {
          'content-type': 'application/json',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify({ query, variables }),
      })
      .then(async ({ statusCode, body }) => ({ statusCode, text: await body.text() }))
      .catch((cause: Error) => {
        throw new ApiError('UNREACHABLE', `no answer from ${url}: ${cause.message}`);
      });
    const read = answer.safeParse(parse(response.text));
    if (!read.success) {
      throw new ApiError(
        'UNREACHABLE',
        `${url} answered ${response.statusCode}, which is not a GraphQL response`,
      );
    }
    const [error] = read.data.errors ?? [];
    if (error) {
      const { code = 'INTERNAL_SERVER_ERROR', retryAfter } = error.extensions ?? {};
      throw new ApiError(code, error.message, retryAfter);
    }
    return read.data.data ?? {};
  };

  return {
    async send(operation, timeoutMs = 60_000) {
      const deadline = performance.now() + timeoutMs;
      for (let attempt = 1; ; attempt++) {
        try {
          return await once(operation);
        } catch (error) {
          if (!(error instanceof ApiError && passing.has(error.code))) throw error;
          // Exponential backoff with full jitter, and never less than the requested delay.
          const wait = (error.retryAfter ?? 0) * 1000 + backoffMs(attempt, { maxMs: 5_000, jitter: 'full' });
          if (performance.now() + wait > deadline) throw error;
          await sleep(wait);
        }
      }
    },
    [Symbol.asyncDispose]: () => pool.close(),
  };
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
