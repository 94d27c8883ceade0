import { readFileSync } from 'node:fs';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { createSecureServer } from 'node:http2';
import type { Socket } from 'node:net';
import type { SecureVersion, TLSSocket } from 'node:tls';
import { ConfigError, type Logger, watchFiles } from '@rookery/runtime';

export interface TlsOptions {
  /** PEM files: the certificate with its chain, and the key. */
  readonly certFile: string;
  readonly keyFile: string;
  /** Longest time in which a whole HTTP/1.1 request must have come, and a handshake be done. */
  readonly receiveTimeoutMs: number;
  /** Receives each certificate that is served from now on, with its chain, as PEM. */
  readonly onCertificate?: (pem: Buffer) => void;
  readonly log: Logger;
}

const minVersion: SecureVersion = 'TLSv1.2';
/** Requests at once over one HTTP/2 connection. */
const maxConcurrentStreams = 100;

/**
 * A server for TLS 1.2 and later that speaks HTTP/2 and HTTP/1.1 on one port (by ALPN), and so WebSocket as well. New
 * files are taken over for new connections while the server runs; a pair that doesn't fit leaves the last one.
 */
export const tlsServer = (
  { certFile, keyFile, receiveTimeoutMs, onCertificate, log }: TlsOptions,
  handler: RequestListener,
): Server => {
  const read = () => ({ cert: readFileSync(certFile), key: readFileSync(keyFile) });
  const pair = firstPair(read);
  const options = {
    allowHTTP1: true,
    minVersion,
    settings: { maxConcurrentStreams },
    handshakeTimeout: receiveTimeoutMs,
    headersTimeout: receiveTimeoutMs,
    requestTimeout: receiveTimeoutMs,
    ...pair,
  };
  const server = createSecureServer(options, handler as never);
  onCertificate?.(pair.cert);

  const watch = watchFiles({
    files: [certFile, keyFile],
    onChange: () => {
      const next = read();
      server.setSecureContext({ minVersion, ...next });
      onCertificate?.(next.cert);
      log.info('certificate taken over');
    },
    onError: (error) => log.error({ error }, 'certificate refused; the last one stays'),
  });
  server.once('close', () => watch[Symbol.dispose]());
  server.on('sessionError', (error) => log.debug({ error }, 'HTTP/2 session error'));
  server.on('tlsClientError', (error) => log.debug({ error }, 'TLS error'));

  return Object.assign(server, connections(server)) as unknown as Server;
};

const firstPair = (read: () => { cert: Buffer; key: Buffer }): { cert: Buffer; key: Buffer } => {
  try {
    return read();
  } catch (error) {
    throw new ConfigError(`TLS_CERT_FILE and TLS_KEY_FILE are not readable: ${(error as Error).message}`);
  }
};

/**
 * Adds the methods of http.Server that an HTTP/2 server lacks, which end connections when it closes. HTTP/2
 * sessions end with their last stream.
 */
const connections = (server: ReturnType<typeof createSecureServer>) => {
  const all = new Set<Socket>();
  const open = new Set<TLSSocket>();
  const busy = new Set<unknown>();
  let closing = false;
  // Also those whose handshake never ends.
  server.on('connection', (socket: Socket) => {
    all.add(socket);
    socket.once('close', () => all.delete(socket));
  });
  server.on('secureConnection', (socket) => {
    if (closing) return socket.destroy();
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  server.on('request', ((request: IncomingMessage, response: ServerResponse) => {
    if (request.httpVersionMajor !== 1) return;
    busy.add(request.socket);
    response.once('close', () => busy.delete(request.socket));
  }) as never);
  // A WebSocket is nobody's idle connection.
  server.on('upgrade', (_request: IncomingMessage, socket: unknown) => busy.add(socket));
  return {
    closeIdleConnections: () => {
      closing = true;
      for (const socket of open) if (socket.alpnProtocol !== 'h2' && !busy.has(socket)) socket.destroy();
    },
    closeAllConnections: () => {
      for (const socket of all) socket.destroy();
    },
  };
};
