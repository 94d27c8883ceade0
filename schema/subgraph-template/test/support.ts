import { startTestGateway, type TestGateway, type TestTokenOptions } from '@rookery/subgraph-auth/testing';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { startServer } from '../src/server.ts';

// biome-ignore lint/suspicious/noExplicitAny: a test reads into an answer without its type
type Json = any;

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Json;
}

/** The server, and a gateway for tests. */
export interface TestSubgraph extends AsyncDisposable {
  readonly url: string;
  readonly gateway: TestGateway;
  /** Asks as the gateway does, or with these headers. */
  ask(
    query: string,
    options?: TestTokenOptions & {
      readonly variables?: object;
      readonly headers?: Readonly<Record<string, string>>;
    },
  ): Promise<Answer>;
  /** Subscribes as the gateway does. */
  subscribe(query: string, options?: TestTokenOptions): AsyncIterableIterator<Json>;
  stop(): Promise<void>;
}

export const startSubgraph = async (): Promise<TestSubgraph> => {
  const gateway = await startTestGateway('sample-subgraph');
  const server = await startServer({ host: '127.0.0.1', port: 0, gatewayKeysUrl: gateway.keysUrl });
  const client = createClient({
    url: server.url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: () => ({ 'x-rookery-gateway': gateway.token() }),
    retryAttempts: 0,
  });
  return {
    url: server.url,
    gateway,
    async ask(query, { variables, headers, ...token } = {}) {
      const body = JSON.stringify({ query, variables });
      const response = await fetch(server.url, {
        method: 'POST',
        headers: headers ?? gateway.headers(body, token),
        body,
      });
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        body: text === '' ? undefined : JSON.parse(text),
      };
    },
    subscribe: (query, token) =>
      client.iterate({
        query,
        extensions: { 'x-rookery-gateway': gateway.token(token), checkpoints: true },
      }),
    stop: () => server.stop(),
    async [Symbol.asyncDispose]() {
      await client.dispose();
      await server.stop();
      await gateway.stop();
    },
  };
};
