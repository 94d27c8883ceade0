import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Accepts traces by OTLP over HTTP and discards them.
 * @returns its address
 */
export const startTraceSink = async (resources: AsyncDisposableStack): Promise<string> => {
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  resources.defer(async () => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};
