import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ListenAddress {
  readonly host: string;
  /** 0 lets the operating system choose. */
  readonly port: number;
}

interface ServedDocument {
  /** 200 unless given. */
  readonly status?: number;
  readonly type: string;
  readonly body: string;
}

/** Documents by path. */
export type ServedDocuments = Readonly<
  Record<string, (accept: string | undefined) => ServedDocument | Promise<ServedDocument>>
>;

/** Maximum time for a whole request to arrive. */
const receiveTimeoutMs = 15_000;

/**
 * Serves a few documents over plain HTTP to GET and HEAD, for processes whose clients don't speak HTTP.
 * @param resources receives the server
 * @param drainMs maximum wait for running requests when the server closes
 * @returns its address, as http://host:port
 */
export const serveDocuments = async (
  documents: ServedDocuments,
  { host, port }: ListenAddress,
  resources: AsyncDisposableStack,
  drainMs = 0,
): Promise<string> => {
  const server = createServer(
    {
      requestTimeout: receiveTimeoutMs,
      headersTimeout: receiveTimeoutMs,
      connectionsCheckingInterval: 5_000,
    },
    async ({ method, url, headers }, response) => {
      const path = url?.split('?', 1)[0] ?? '';
      const document = Object.hasOwn(documents, path) ? documents[path] : undefined;
      if (document === undefined) return response.writeHead(404).end();
      if (method !== 'GET' && method !== 'HEAD') return response.writeHead(405, { allow: 'GET, HEAD' }).end();
      try {
        const { status = 200, type, body } = await document(headers.accept);
        if (!server.listening) response.setHeader('connection', 'close');
        response.writeHead(status, { 'content-type': type }).end(body);
      } catch {
        response.writeHead(500).end();
      }
    },
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });
  resources.defer(async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    const timer = setTimeout(() => server.closeAllConnections(), drainMs);
    await closed;
    clearTimeout(timer);
  });
  const { port: chosen } = server.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${chosen}`;
};
