import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from './metrics.ts';

/** Where a process listens, as http://host:port. */
export interface Listening {
  readonly url: string;
  /** Of its metrics, which answer at /metrics. */
  readonly metricsUrl: string;
}

export interface MetricsAddress {
  readonly host: string;
  /** 0 lets the operating system choose. */
  readonly port: number;
}

/**
 * Serves the metrics of a process (`/metrics`, Prometheus text) at an address of their own: what they tell of is
 * nobody's business who may ask the process itself.
 * @param more other documents for those who may reach this address, by path
 * @param resources gets the server; put it there first, so that metrics can be read until the very end
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
