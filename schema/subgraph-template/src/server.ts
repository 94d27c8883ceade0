import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createGatewayVerifier } from '@rookery/subgraph-auth';
import type { Config } from './config.ts';
import { createHttpHandler } from './http.ts';
import { SampleStore } from './store.ts';
import { serveSubscriptions } from './subscriptions.ts';

/** Name of this subgraph in the supergraph: tokens for any other subgraph are refused. */
const audience = 'sample-subgraph';

/** Time for requests that run when the process stops. */
const stopTimeoutMs = 8_000;

/** Time for which unused connections stay open. The gateway leaves one two seconds before its end. */
const keepAliveMs = 4_000;

/** Longest wait for the gateway to leave its unused connections when the process stops. */
const lingerMs = 2_500;

export interface RunningServer {
  /** Address of the GraphQL endpoint. */
  readonly url: string;
  /** Stops in good order: not ready, sockets closed, requests on open connections answered. */
  stop(): Promise<void>;
}

export const startServer = async ({ host, port, gatewayKeysUrl }: Config): Promise<RunningServer> => {
  const verifier = createGatewayVerifier({ keysUrl: gatewayKeysUrl, audience });
  const store = new SampleStore();
  const health = { isStopping: false };
  const server = createServer(createHttpHandler({ verifier, store, health }));
  server.keepAliveTimeout = keepAliveMs;
  const subscriptions = serveSubscriptions({ server, verifier, store });
  const countConnections = promisify(server.getConnections.bind(server));
  server.prependListener('request', (_request, response) => {
    if (health.isStopping) response.setHeader('connection', 'close');
  });
  server.listen(port, host);
  await once(server, 'listening');
  const stop = async (): Promise<void> => {
    health.isStopping = true;
    // Closed with 1001, which tells the gateway to open its subscriptions again from their last position.
    await subscriptions.close();
    // A connection closed at the moment of a request would fail it: a mutation is never sent twice.
    const end = Date.now() + lingerMs;
    while (Date.now() < end && (await countConnections()) > 0) await sleep(20);
    const cut = setTimeout(() => server.closeAllConnections(), stopTimeoutMs);
    server.close();
    server.closeIdleConnections();
    await once(server, 'close');
    clearTimeout(cut);
  };
  let stopping: Promise<void> | undefined;
  return {
    url: urlOf(server),
    stop() {
      stopping ??= stop();
      return stopping;
    },
  };
};

const urlOf = (server: Server): string => {
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}/graphql`;
};
