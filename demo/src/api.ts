import { setTimeout as sleep } from 'node:timers/promises';
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

/** Codes after which the same request, sent again, may succeed; each call carries a key that makes that safe. */
const passing: ReadonlySet<string> = new Set(['RATE_LIMITED', 'SERVICE_UNAVAILABLE', 'UNREACHABLE']);

export interface Operation {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly token?: string;
}

/** Rookery's public API as one client sees it. */
export interface Api extends AsyncDisposable {
  /**
   * The operation's data. Waits and asks again where the API can't serve it now, for `patience` milliseconds.
   * @throws ApiError
   */
  readonly send: (operation: Operation, patience?: number) => Promise<Readonly<Record<string, unknown>>>;
}

/**
 * @param url where the gateway is, without path
 * @param connections requests under way at once
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
      throw new ApiError('UNREACHABLE', `${url} answered ${response.statusCode}, and not in GraphQL's form`);
    }
    const [error] = read.data.errors ?? [];
    if (error) {
      const { code = 'INTERNAL_SERVER_ERROR', retryAfter } = error.extensions ?? {};
      throw new ApiError(code, error.message, retryAfter);
    }
    return read.data.data ?? {};
  };

  return {
    async send(operation, patience = 60_000) {
      const deadline = performance.now() + patience;
      for (let attempt = 0; ; attempt++) {
        try {
          return await once(operation);
        } catch (error) {
          if (!(error instanceof ApiError && passing.has(error.code))) throw error;
          // Exponential with full jitter, never sooner than asked for.
          const wait = (error.retryAfter ?? 0) * 1000 + Math.random() * Math.min(5_000, 100 * 2 ** attempt);
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
