import type { RequestListener, Server } from 'node:http';
import type { Socket } from 'node:net';
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
  /**
   * Time for which unused connections stay open, in milliseconds. The gateway uses one for a time that is shorter by two
   * seconds, so that it never sends a request into a connection that is being closed.
   */
  readonly keepAliveMs?: number;
  /** Longest wait for clients to leave their unused connections when the server closes, in milliseconds. */
  readonly lingerMs?: number;
}

/** Interval between checks for requests that arrive too slowly. */
const checkIntervalMs = 5_000;

/** Maximum wait for running requests when the server closes. */
const drainTimeoutMs = 4_000;

/** The connections over which requests came, as long as they are open. */
class RequestConnections {
  readonly #open = new Set<Socket>();
  #onEmpty: (() => void) | undefined;

  /** @param server whose requests are watched; HTTP/2 has its own way to say that it closes */
  constructor(server: Server) {
    server.on('request', ({ socket, httpVersionMajor }) => {
      if (httpVersionMajor !== 1 || this.#open.has(socket)) return;
      this.#open.add(socket);
      socket.once('close', () => {
        this.#open.delete(socket);
        if (this.#open.size === 0) this.#onEmpty?.();
      });
    });
  }

  /** Resolves when none is open, or after the time. */
  async left(limitMs: number): Promise<void> {
    if (this.#open.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onEmpty = resolve;
    const timer = setTimeout(resolve, limitMs);
    await promise;
    clearTimeout(timer);
  }
}

/**
 * Lets `app.close()` complete without failing a request: for a while, requests on open connections are still answered, with
 * word that the connection closes. Connections that nobody used in this time are closed then: a client that sends
 * at the same moment would find no answer, and cannot know whether its request took effect. A client that never finishes its request is
 * disconnected.
 * @returns whether it closes
 */
const endConnectionsOnClose = (app: FastifyInstance, lingerMs: number): (() => boolean) => {
  let closing = false;
  const connections = new RequestConnections(app.server);
  app.addHook('preClose', async () => {
    closing = true;
    await connections.left(lingerMs);
    const timer = setTimeout(() => app.server.closeAllConnections(), drainTimeoutMs);
    app.server.once('close', () => clearTimeout(timer));
  });
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (closing) reply.header('connection', 'close');
    done();
  });
  return () => closing;
};

/** Creates the HTTP server of a process whose clients speak HTTP. It also answers the probes of its health. */
export const createHttp = ({
  log,
  ready,
  bodyLimit = 262_144,
  receiveTimeoutMs = 15_000,
  trustProxy,
  serve,
  keepAliveMs = 72_000,
  lingerMs = 1_000,
}: HttpOptions): FastifyInstance => {
  const app = Fastify({
    bodyLimit,
    requestTimeout: receiveTimeoutMs,
    http: {
      headersTimeout: receiveTimeoutMs,
      connectionsCheckingInterval: Math.min(receiveTimeoutMs, checkIntervalMs),
    },
    keepAliveTimeout: keepAliveMs,
    forceCloseConnections: 'idle',
    // Requests that come while it closes are answered like all others.
    return503OnClosing: false,
    ...(trustProxy === undefined ? {} : { trustProxy }),
    ...(serve === undefined ? {} : { serverFactory: serve }),
  });
  const isClosing = endConnectionsOnClose(app, lingerMs);
  for (const [path, answer] of Object.entries(createHealth({ log, ready }))) {
    app.get(path, async (_request, reply) => {
      if (path === '/health/ready' && isClosing()) return reply.code(503).send({ status: 'stopping' });
      const { status, body } = await answer();
      return reply.code(status).send(body);
    });
  }
  return app;
};

/** Times of the connections of a subgraph: the gateway leaves an unused one two seconds before its end, which a stop waits for. */
export const subgraphConnections = { keepAliveMs: 4_000, lingerMs: 2_500 } as const;
