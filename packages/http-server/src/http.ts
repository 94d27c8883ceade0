import type { RequestListener, Server } from 'node:http';
import { createHealth, type HealthOptions } from '@rookery/runtime';
import Fastify, { type FastifyInstance } from 'fastify';

export interface HttpOptions extends HealthOptions {
  /** Maximum size of a request body, in bytes. */
  readonly bodyLimit?: number;
  /** Maximum time for a whole request to arrive, in milliseconds; after it the status is 408. */
  readonly receiveTimeoutMs?: number;
  /** Proxies whose X-Forwarded-For counts; none by default. */
  readonly trustProxy?: (address: string, hop: number) => boolean;
  /** Creates the server, if it is not a plain HTTP/1.1 server. */
  readonly serve?: (handler: RequestListener) => Server;
}

/** Interval between checks for requests that arrive too slowly. */
const checkIntervalMs = 5_000;

/** Maximum wait for running requests when the server closes. */
const drainTimeoutMs = 4_000;

/**
 * Lets `app.close()` complete: running requests are answered, but their connections are not kept alive, and a
 * client that never finishes its request is disconnected.
 */
const endConnectionsOnClose = (app: FastifyInstance): void => {
  let closing = false;
  app.addHook('preClose', async () => {
    closing = true;
    const timer = setTimeout(() => app.server.closeAllConnections(), drainTimeoutMs);
    app.server.once('close', () => clearTimeout(timer));
  });
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (closing) reply.header('connection', 'close');
    done();
  });
};

/** Creates the HTTP server of a process whose clients speak HTTP. It also answers the probes of its health. */
export const createHttp = ({
  log,
  ready,
  bodyLimit = 262_144,
  receiveTimeoutMs = 15_000,
  trustProxy,
  serve,
}: HttpOptions): FastifyInstance => {
  const app = Fastify({
    bodyLimit,
    requestTimeout: receiveTimeoutMs,
    http: {
      headersTimeout: receiveTimeoutMs,
      connectionsCheckingInterval: Math.min(receiveTimeoutMs, checkIntervalMs),
    },
    forceCloseConnections: 'idle',
    ...(trustProxy === undefined ? {} : { trustProxy }),
    ...(serve === undefined ? {} : { serverFactory: serve }),
  });
  endConnectionsOnClose(app);
  for (const [path, answer] of Object.entries(createHealth({ log, ready }))) {
    app.get(path, async (_request, reply) => {
      const { status, body } = await answer();
      return reply.code(status).send(body);
    });
  }
  return app;
};
