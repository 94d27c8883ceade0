import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from './metrics.ts';

/** Addresses of a process, as http://host:port. */
export interface Listening {
  readonly url: string;
  /** Address of its metrics, served at /metrics. */
  readonly metricsUrl: string;
}

export interface MetricsAddress {
  readonly host: string;
  /** 0 lets the operating system choose. */
  readonly port: number;
}

/**
 * Serves the metrics of a process (`/metrics`, Prometheus text) on a separate address, since the clients of
 * the process must not read them.
 * @param more other documents for readers of this address, by path
 * @param resources receives the server; add it first, so that metrics can be read until the end
 * @returns its address, as http://host:port
 */
export const serveMetrics = async (
  registry: Registry,
  { host, port }: MetricsAddress,
  resources: AsyncDisposableStack,
  more: Readonly<Record<string, () => { readonly type: string; readonly body: string }>> = {},
): Promise<string> => {
  const server = createServer(async ({ method, url }, response) => {
    const path = url?.split('?', 1)[0] ?? '';
    const document = Object.hasOwn(more, path) ? more[path] : undefined;
    if (path !== '/metrics' && document === undefined) return response.writeHead(404).end();
    if (method !== 'GET' && method !== 'HEAD') return response.writeHead(405, { allow: 'GET, HEAD' }).end();
    if (document !== undefined) {
      const { type, body } = document();
      return response.writeHead(200, { 'content-type': type }).end(body);
    }
    try {
      const text = await registry.metrics();
      response.writeHead(200, { 'content-type': registry.contentType }).end(text);
    } catch {
      response.writeHead(500).end();
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });
  resources.defer(async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  });
  const { port: chosen } = server.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${chosen}`;
};
