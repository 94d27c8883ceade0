import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createSecureServer, type Http2ServerRequest } from 'node:http2';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { getCACertificates, setDefaultCACertificates, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Certificates, certificates } from '../../../tests/support/gateway/tls.ts';
import type { HttpPost } from './http-client.ts';
import { TlsClient } from './tls-client.ts';

const trusted = getCACertificates('default');
let pair: Certificates;
beforeAll(() => {
  pair = certificates('subgraph');
  setDefaultCACertificates([...trusted, readFileSync(pair.certFile, 'utf8')]);
});
afterAll(() => {
  setDefaultCACertificates(trusted);
  pair[Symbol.dispose]();
});

const maxBytes = 10_000;

/** Answers a request, or doesn't. */
type Answer = (end: (body: string) => void, body: string, nth: number) => void;
const echo: Answer = (end, body) => end(body);

/** A server with one version of HTTP, that is told what to answer. */
const startServer = async (version: '1.1' | '2.0', answer: Answer) => {
  const requests: { readonly version: string; readonly a: unknown; readonly body: string }[] = [];
  const sockets = new Set<TLSSocket>();
  const options = { cert: readFileSync(pair.certFile), key: readFileSync(pair.keyFile) };
  const listener = async (
    request: IncomingMessage | Http2ServerRequest,
    response: { readonly end: (body: string) => unknown },
  ) => {
    const body = await text(request).catch(() => '');
    requests.push({ version: request.httpVersion, a: request.headers.a, body });
    answer((said) => void response.end(said), body, requests.length);
  };
  const server = version === '2.0' ? createSecureServer(options, listener) : createServer(options, listener);
  server.on('secureConnection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = new TlsClient(`https://127.0.0.1:${port}`, { maxBytes });
  return {
    requests,
    client,
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
    post: (body: string, more: Partial<HttpPost> = {}) =>
      client
        .post({
          ...{ path: '/graphql', headers: () => ({ a: 'b' }), body, timeoutMs: 20_000 },
          onTimeout: () => new Error('too late'),
          ...more,
        })
        .then((response) => `${response.status} ${response.body}`),
    [Symbol.asyncDispose]: async () => {
      await client[Symbol.asyncDispose]();
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
};

describe.each(['1.1', '2.0'] as const)('over TLS with HTTP/%s', (version) => {
  test('a body of any characters arrives as it is, with its headers, and comes back', async () => {
    await using server = await startServer(version, echo);
    for (const body of ['one', 'é𝄞', 'x'.repeat(maxBytes)])
      expect(await server.post(body)).toBe(`200 ${body}`);
    expect(server.requests[0]).toEqual({ version, a: 'b', body: 'one' });
  });

  test('several requests at once have a response each', async () => {
    await using server = await startServer(version, echo);
    const bodies = Array.from({ length: 3 }, (_, n) => String(n));
    expect(await Promise.all(bodies.map((body) => server.post(body)))).toEqual(
      bodies.map((body) => `200 ${body}`),
    );
  });

  test('headers are asked for when all requests of the turn are known, and a failure of one leaves the others', async () => {
    await using server = await startServer(version, echo);
    const known: string[] = [];
    const seen: number[] = [];
    const post = (body: string, fails = false) => {
      known.push(body);
      const headers = () => {
        seen.push(known.length);
        if (fails) throw new TypeError('no such key');
        return { a: 'b' };
      };
      return server.post(body, { headers });
    };
    const all = await Promise.allSettled([post('1'), post('2', true), post('3')]);
    expect(seen).toEqual([3, 3, 3]);
    expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  test('a response that is longer than allowed fails its request, and the next one does not', async () => {
    await using server = await startServer(version, (end, body, nth) =>
      end(nth === 1 ? 'x'.repeat(maxBytes + 1) : body),
    );
    await expect(server.post('1')).rejects.toThrow('size');
    expect(await server.post('2')).toBe('200 2');
  });

  test('a request that is not answered in time fails, and the next one does not', async () => {
    await using server = await startServer(version, (end, body) => body !== '1' && end(body));
    await expect(server.post('1', { timeoutMs: 300 })).rejects.toThrow('too late');
    expect(await server.post('2')).toBe('200 2');
  });

  test('a connection that is cut fails its requests once, and the next one is sent on another', async () => {
    await using server = await startServer(version, (end, body) => body !== '1' && end(body));
    const cut = server.post('1');
    await expect.poll(() => server.requests.length).toBe(1);
    server.cut();
    await expect(cut).rejects.toThrow();
    expect(await server.post('2')).toBe('200 2');
    expect(server.requests.map(({ body }) => body)).toEqual(['1', '2']);
  });

  test('a header that could begin another one is refused', async () => {
    await using server = await startServer(version, echo);
    for (const value of ['b\r\nc: d', 'b\nc', 'b\0', 'ā'])
      await expect(server.post('1', { headers: () => ({ a: value }) })).rejects.toThrow(TypeError);
    expect(server.requests).toEqual([]);
    expect(await server.post('2')).toBe('200 2');
  });

  test('a client that is closed fails every request', async () => {
    const server = await startServer(version, () => {});
    const waiting = server.post('1');
    await expect.poll(() => server.requests.length).toBe(1);
    const early = server.post('2');
    await Promise.all([
      expect(waiting).rejects.toThrow(),
      expect(early).rejects.toThrow(),
      server[Symbol.asyncDispose](),
    ]);
    await expect(server.post('3')).rejects.toThrow();
  });
});

test('a server that is not there, or whose certificate is not trusted, fails every request', async () => {
  await using server = await startServer('1.1', echo);
  setDefaultCACertificates(trusted);
  await expect(server.post('1')).rejects.toThrow('self-signed certificate');
  setDefaultCACertificates([...trusted, readFileSync(pair.certFile, 'utf8')]);
  expect(server.requests).toEqual([]);
  await using refused = new TlsClient('https://127.0.0.1:1', { maxBytes });
  const request = { path: '/', headers: () => ({}), body: '1', timeoutMs: 20_000 };
  await expect(refused.post({ ...request, onTimeout: () => new Error('late') })).rejects.toThrow(
    'ECONNREFUSED',
  );
});
