import { randomUUID } from 'node:crypto';
import { Agent, request } from 'undici';

interface GraphQLError {
  readonly message: string;
  readonly extensions?: { readonly code?: string; readonly retryAfter?: number };
}

/** Result of one request: a response, or none, in which case its effect is unknown. */
export interface Reply<T> {
  readonly data: T | null;
  /** Codes of the errors in the response; NO_ANSWER if there was none. */
  readonly codes: readonly string[];
  readonly stale: boolean;
  /** Milliseconds. */
  readonly took: number;
  /** Why there was no answer, or what the errors say. */
  readonly detail: string;
}

/** Longest that a client of the harness waits for an answer, in milliseconds. */
const timeoutMs = 6_000;

/** Sends operations as users of the gateway, over connections that break when the gateway does. */
export class GatewayClient implements AsyncDisposable {
  readonly url: string;
  readonly #onErrors: (text: string) => void;
  readonly #agent = new Agent({ connections: 64, pipelining: 1, connect: { timeout: 2_000 } });

  /** onErrors: shown what the errors of each answer say, word by word. */
  constructor(url: string, onErrors: (text: string) => void = () => {}) {
    this.url = url;
    this.#onErrors = onErrors;
  }

  async ask<T>(
    query: string,
    variables: Readonly<Record<string, unknown>>,
    options: { token?: string | undefined; readAfter?: string | undefined; requestId?: string } = {},
  ): Promise<Reply<T>> {
    const start = performance.now();
    const took = () => performance.now() - start;
    try {
      const { statusCode, body } = await request(`${this.url}/graphql`, {
        dispatcher: this.#agent,
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-request-id': options.requestId ?? randomUUID(),
          ...(options.token ? { authorization: `Bearer ${options.token}` } : {}),
          ...(options.readAfter ? { 'x-read-after': options.readAfter } : {}),
        },
        body: JSON.stringify({ query, variables }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      const text = await body.text();
      const answer = JSON.parse(text) as {
        data?: T | null;
        errors?: readonly GraphQLError[];
        extensions?: { stale?: boolean };
      };
      const detail = JSON.stringify(answer.errors ?? '');
      if (answer.errors) this.#onErrors(detail);
      return {
        data: answer.data ?? null,
        codes: (answer.errors ?? []).map(({ extensions }) => extensions?.code ?? `HTTP_${statusCode}`),
        stale: answer.extensions?.stale === true,
        took: took(),
        detail,
      };
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      return { data: null, codes: ['NO_ANSWER'], stale: false, took: took(), detail };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy();
  }
}
