import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface PageServer extends AsyncDisposable {
  /** Origin of the page, as CORS_ORIGINS lists it. */
  readonly origin: string;
  /** The script that the page runs from now on. */
  serve(script: string): void;
}

/** Serves a page with one script, from a port and so from an origin other than the gateway's. */
export async function startPageServer(): Promise<PageServer> {
  let script = '';
  const server = createServer(({ url }, response) => {
    if (url === '/page.js') response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
    else if (url === '/') {
      const html = '<!doctype html><title>Feed</title><body><script type="module" src="/page.js"></script>';
      response.writeHead(200, { 'content-type': 'text/html' }).end(html);
    } else response.writeHead(204).end(); // the icon that browsers ask for
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    serve(text) {
      script = text;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
