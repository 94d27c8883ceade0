import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** One HTTP answer, byte for byte. */
export interface CannedAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

export interface CannedSubgraph extends AsyncDisposable {
  readonly url: string;
  /** The GraphQL requests that arrived, parsed. */
  readonly asked: { readonly query: string; readonly variables?: Record<string, unknown> }[];
  /** The headers of the last GraphQL request. */
  readonly headers: () => Readonly<Record<string, string | string[] | undefined>>;
}

/** Serves prepared answers over HTTP, whatever it is asked. @param answer of the nth request, from 0 */
export const startCannedSubgraph = async (
  answer: (nth: number, query: string) => CannedAnswer,
): Promise<CannedSubgraph> => {
  const asked: CannedSubgraph['asked'][number][] = [];
  let headers: Readonly<Record<string, string | string[] | undefined>> = {};
  const server = createServer(async (request, response) => {
    if (request.method !== 'POST') {
      response.end('{}');
      return;
    }
    const body = JSON.parse(await text(request)) as { query: string };
    headers = request.headers;
    asked.push(body);
    const { status = 200, headers: given, body: bytes } = answer(asked.length - 1, body.query);
    response.writeHead(status, { 'content-type': 'application/json', ...given }).end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/graphql`,
    asked,
    headers: () => headers,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
