import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from '@rookery/runtime';
import { GRAPHQL_TRANSPORT_WS_PROTOCOL } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { whenExpired } from '../auth/session-expiry.ts';
import { clientAddress, type TrustedProxy } from '../http/client-address.ts';
import type { ClientHeaders } from '../http/client-headers.ts';
import type { Origins } from '../http/cors.ts';
import type { LiveConnection, LiveConnections } from '../subscriptions/live-connections.ts';
import type { GatewayMetrics } from '../telemetry/metrics.ts';
import { type Close, closeCodes } from './close-codes.ts';
import { type Connection, type SocketOperationsOptions, socketProtocol } from './socket-operations.ts';
import { textFrame } from './text-frame.ts';

export interface WebSocketOptions extends SocketOperationsOptions {
  readonly server: Server;
  readonly origins: Origins;
  readonly trustedProxy: TrustedProxy;
  readonly metrics: GatewayMetrics;
  /** Longest message, in bytes. */
  readonly maxMessage: number;
  readonly connections: LiveConnections;
  readonly log: Logger;
}

const path = '/graphql';
/** Interval between pings. A client that does not answer one before the next is disconnected. */
const pingIntervalMs = 12_000;
/** Maximum wait for a client to answer a close frame. */
const closeTimeoutMs = 2_000;
/** Maximum size of unsent messages; beyond it the client is considered not to read. */
const maxUnsentBytes = 4 * 1024 * 1024;

/** The gateway's WebSockets: graphql-transport-ws at /graphql, on the HTTP server's own port. */
export class WebSockets {
  readonly #options: WebSocketOptions;
  readonly #server: WebSocketServer;
  readonly #protocol: ReturnType<typeof socketProtocol>;
  #draining = false;

  constructor(options: WebSocketOptions) {
    this.#options = options;
    this.#protocol = socketProtocol(options);
    this.#server = new WebSocketServer({
      noServer: true,
      maxPayload: options.maxMessage,
      perMessageDeflate: false,
      handleProtocols: (offered) =>
        offered.has(GRAPHQL_TRANSPORT_WS_PROTOCOL) && GRAPHQL_TRANSPORT_WS_PROTOCOL,
    });
    options.server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
  }

  /** No more sockets from now on: the gateway stops. */
  drain(): void {
    this.#draining = true;
  }

  /** Once all sockets are closed. */
  close(): void {
    this.#server.close();
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refuse = (status: string) => socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\n\r\n`);
    socket.on('error', () => socket.destroy());
    if (request.url?.split('?', 1)[0] !== path) refuse('404 Not Found');
    else if (this.#draining) refuse('503 Service Unavailable');
    else
      this.#server.handleUpgrade(request, socket, head, (upgraded) => {
        const { origin, host } = request.headers;
        upgraded.on('error', (error) => this.#options.log.debug({ error }, 'socket error'));
        // After the upgrade, since a browser hides the status of a failed one from its page.
        if (!this.#options.origins.mayConnect(origin, host)) return close(upgraded, closeCodes.forbidden);
        const clientHeaders = this.#clientHeaders(request);
        if (clientHeaders === undefined) return close(upgraded, closeCodes.badRequest);
        this.#serve(upgraded, socket, clientAddress(request, this.#options.trustedProxy), clientHeaders);
      });
  }

  /** Returns undefined if one of the headers cannot be sent on. */
  #clientHeaders({ headers }: IncomingMessage): ClientHeaders | undefined {
    try {
      return this.#options.headerPropagation.from(headers);
    } catch (error) {
      this.#options.log.debug({ error }, 'refused a socket for a header of its upgrade');
      return undefined;
    }
  }

  #serve(socket: WebSocket, stream: Duplex, address: string, clientHeaders: ClientHeaders): void {
    const { metrics } = this.#options;
    metrics.sockets.inc();
    const connection = connectionOf(socket, stream, address, clientHeaders);
    this.#options.connections.add(connection);
    const stopPings = keepAlive(socket);
    const closed = this.#protocol.opened(
      {
        protocol: socket.protocol,
        send: async (text) => await connection.send(text),
        close: (code = closeCodes.internalError.code, reason = '') => close(socket, { code, reason }),
        onMessage: (take) => socket.on('message', (data) => void this.#take(socket, String(data), take)),
      },
      connection,
    );
    socket.once('close', (code, reason) => {
      stopPings();
      metrics.sockets.dec();
      metrics.socketsClosed.inc({ code });
      closed(code, String(reason)).catch((error) =>
        this.#options.log.error({ error }, 'socket clean-up failed'),
      );
    });
  }

  async #take(socket: WebSocket, text: string, take: (text: string) => Promise<void>): Promise<void> {
    // Messages after the decision to close are ignored.
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > maxUnsentBytes) return close(socket, closeCodes.tooSlow);
    try {
      await take(text);
    } catch (error) {
      this.#options.log.error({ error }, 'message of a socket failed');
      close(socket, closeCodes.internalError);
    }
  }
}

/** @param stream carries the socket */
const connectionOf = (
  socket: WebSocket,
  stream: Duplex,
  address: string,
  clientHeaders: ClientHeaders,
): Connection & LiveConnection => {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  let forget = (): void => {};
  let draining: PromiseWithResolvers<void> | undefined;
  const drained = (): void => {
    draining?.resolve();
    draining = undefined;
  };
  stream.on('drain', drained);
  socket.once('close', () => {
    forget();
    drained();
    resolve();
  });
  const connection: Connection & LiveConnection = {
    session: undefined,
    clientHeaders,
    address,
    subscriptions: 0,
    beginning: new Map(),
    closed,
    close: ({ code, reason }: Close, comeBackIn?: number) =>
      close(socket, {
        code,
        reason: comeBackIn === undefined ? reason : `${reason}; retry in ${comeBackIn} ms`,
      }),
    send: (text) => {
      // Past the library, which would write twice per message. Nothing is compressed, so nothing of it is pending.
      if (socket.readyState !== socket.OPEN || stream.write(textFrame(text))) return undefined;
      draining ??= Promise.withResolvers();
      return draining.promise;
    },
    signedIn: (session) => {
      connection.session = session;
      if (socket.readyState !== socket.OPEN) return;
      forget = whenExpired(session, () => close(socket, closeCodes.tokenExpired));
    },
  };
  return connection;
};

/** Closes gracefully, and by force if the client does not respond. */
const close = (socket: WebSocket, { code, reason }: { code: number; reason: string } | Close): void => {
  if (socket.readyState === socket.CLOSED) return;
  socket.close(code, reason);
  const timer = setTimeout(() => socket.terminate(), closeTimeoutMs);
  socket.once('close', () => clearTimeout(timer));
};

const keepAlive = (socket: WebSocket): (() => void) => {
  let alive = true;
  socket.on('pong', () => {
    alive = true;
  });
  const timer = setInterval(() => {
    if (!alive) return socket.terminate();
    alive = false;
    socket.ping();
  }, pingIntervalMs);
  return () => clearInterval(timer);
};
