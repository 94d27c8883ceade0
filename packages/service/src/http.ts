import type { RequestListener, Server } from 'node:http';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Logger } from './log.ts';

/** Resolves where the part is ready; rejects with the reason where it is not. */
export type ReadyCheck = () => Promise<unknown>;

export interface HttpOptions {
  readonly log: Logger;
  /** By name of the part: queue, documents, recorder … All must hold. */
  readonly ready: Readonly<Record<string, ReadyCheck>>;
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

/** Longest wait for one readiness check, in milliseconds. */
const checkTimeout = 1_000;

const within = async (check: ReadyCheck): Promise<string> => {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('no answer in time')), checkTimeout);
  try {
    await Promise.race([check(), late]);
    return 'ok';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    clearTimeout(timer);
  }
};

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
 * The HTTP server of a process, with what every process answers: `/health/live` (it runs) and `/health/ready`
 * (200 where a write could flow to a feed as far as this process sees, else 503, with each part's state).
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
  app.get('/health/ready', async (_request, reply) => {
    const parts = Object.fromEntries(
      await Promise.all(
        Object.entries(ready).map(async ([name, check]) => [name, await within(check)] as const),
      ),
    );
    const ok = Object.values(parts).every((state) => state === 'ok');
    if (!ok) log.debug({ parts }, 'not ready');
    // Reasons stay in the log: they can hold addresses, and anybody may ask for the health.
    const shown = Object.fromEntries(
      Object.entries(parts).map(([k, v]) => [k, v === 'ok' ? 'ok' : 'unavailable']),
    );
    return reply.code(ok ? 200 : 503).send({ status: ok ? 'ready' : 'not ready', parts: shown });
  });
  return app;
};
