import { createClient, type Client as WsClient } from 'graphql-ws';
import WebSocket from 'ws';
import { postGraphql } from './post-graphql.ts';

export interface GraphQLAnswer<T = Record<string, unknown>> {
  readonly status: number;
  readonly data: T | null;
  readonly errors?: readonly {
    message: string;
    path?: (string | number)[];
    extensions: Record<string, unknown>;
  }[];
  readonly extensions?: Record<string, unknown>;
}

/** A client of the gateway as any frontend would be one: HTTP for operations, graphql-ws for what is live. */
export class Client {
  readonly url: string;
  readonly token: string | undefined;
  constructor(url: string, token?: string) {
    this.url = url;
    this.token = token;
  }

  /** Sends one operation and answers with all that came back. */
  async send<T = Record<string, unknown>>(
    query: string,
    variables: Record<string, unknown> = {},
    headers: Record<string, string> = {},
  ): Promise<GraphQLAnswer<T>> {
    const token = this.token || undefined;
    return postGraphql<GraphQLAnswer<T>>(`${this.url}/graphql`, { query, variables }, { token, headers });
  }

  /** Sends one operation that must succeed, and answers with its data. */
  async ask<T = Record<string, unknown>>(
    query: string,
    variables: Record<string, unknown> = {},
    headers: Record<string, string> = {},
  ): Promise<T> {
    const { data, errors } = await this.send<T>(query, variables, headers);
    if (errors || !data) throw new Error(`${query}: ${JSON.stringify(errors)}`);
    return data;
  }

  /** Runs a command that must be accepted, and answers with its payload. @param selection of the payload besides the activity's id */
  async act<T extends object = object>(
    field: string,
    type: string,
    input: object,
    selection = '',
  ): Promise<{ readonly activity: { readonly id: string } } & T> {
    const query = `mutation ($input: ${type}!) { ${field}(input: $input) { activity { id } ${selection} } }`;
    const data = await this.ask<Record<string, { readonly activity: { readonly id: string } } & T>>(query, {
      input,
    });
    const payload = data[field];
    if (!payload) throw new Error(`${field} answered nothing`);
    return payload;
  }

  /** Opens a subscription; events are read one by one with next(), each within `wait` milliseconds. */
  live<T = Record<string, unknown>>(query: string, variables: Record<string, unknown> = {}): LiveReader<T> {
    return new LiveReader<T>(`${this.url.replace(/^http/, 'ws')}/graphql`, this.token, query, variables);
  }
}

export class LiveReader<T> implements AsyncDisposable {
  readonly #client: WsClient;
  readonly #events: AsyncIterableIterator<unknown>;
  constructor(url: string, token: string | undefined, query: string, variables: Record<string, unknown>) {
    this.#client = createClient({
      url,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      connectionParams: token ? { authorization: `Bearer ${token}` } : {},
    });
    this.#events = this.#client.iterate({ query, variables });
  }

  /** The next event's data. @throws when none comes in time, or it carries errors */
  async next(wait = 60_000): Promise<T> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new Error(`no live event within ${wait} ms`)), wait);
    try {
      const { value, done } = await Promise.race([this.#events.next(), late]);
      if (done) throw new Error('the subscription ended');
      const { data, errors } = value as { data?: T; errors?: unknown };
      if (errors || !data) throw new Error(JSON.stringify(errors));
      return data;
    } finally {
      clearTimeout(timer);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.dispose();
  }
}
