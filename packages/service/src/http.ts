import type { RequestListener, Server } from 'node:http';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Logger } from './log.ts';
import { createReadiness, type Readiness } from './readiness.ts';

export interface HttpOptions {
  readonly log: Logger;
  readonly ready: Readiness;
  /** Longest body that is read, in bytes. */
  readonly bodyLimit?: number;
  /** Longest time in which a whole request must have come, in milliseconds; then it is 408. */
  readonly receiveTimeout?: number;
  /** Proxies whose X-Forwarded-For counts; none by default. */
  readonly trustProxy?: (address: string, hop: number) => boolean;
  /** Makes the server where it is not to be a plain HTTP/1.1 one. */
  readonly serve?: (handler: RequestListener) => Server;
}

/** Time between two looks for requests that take too long to come, in milliseconds. */
const lookEvery = 5_000;

/** Longest wait for requests that are under way when the server closes, in milliseconds. */
const drainWithin = 4_000;

/**
 * Lets `app.close()` end: what is under way is answered, but its connection is not kept alive for a next request,
 * and a client that never finishes its request is cut off.
 */
const endConnectionsOnClose = (app: FastifyInstance): void => {
  let closing = false;
  app.addHook('preClose', async () => {
    closing = true;
    const timer = setTimeout(() => app.server.closeAllConnections(), drainWithin);
    app.server.once('close', () => clearTimeout(timer));
  });
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (closing) reply.header('connection', 'close');
    done();
  });
};

/**
 * Creates the HTTP server of a process, with what every process answers: `/health/live` (200: it runs) and
 * `/health/ready` (200 if this process can do its own job, else 503; with the state of each part).
 */
export const createHttp = ({
  log,
  ready,
  bodyLimit = 262_144,
  receiveTimeout = 15_000,
  trustProxy,
  serve,
}: HttpOptions): FastifyInstance => {
  const app = Fastify({
    bodyLimit,
    requestTimeout: receiveTimeout,
    http: {
      headersTimeout: receiveTimeout,
      connectionsCheckingInterval: Math.min(receiveTimeout, lookEvery),
    },
    forceCloseConnections: 'idle',
    ...(trustProxy === undefined ? {} : { trustProxy }),
    ...(serve === undefined ? {} : { serverFactory: serve }),
  });
  endConnectionsOnClose(app);
  app.get('/health/live', async () => ({ status: 'ok' }));
  const readiness = createReadiness(ready);
  app.get('/health/ready', async (_request, reply) => {
    const { ready: isReady, parts, reasons } = await readiness();
    // Reasons stay in the log: they can hold addresses, and anybody may ask for the health.
    if (!isReady) log.debug({ parts, reasons }, 'not ready');
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ready' : 'not ready', parts });
  });
  return app;
};
