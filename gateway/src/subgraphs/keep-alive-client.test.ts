import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import type { HttpPost } from './http-client.ts';
import { KeepAliveClient } from './keep-alive-client.ts';

/** A server that is told what to answer, byte by byte. */
const startServer = async (answer: (socket: Socket, request: string, nth: number) => void) => {
  const sockets: Socket[] = [];
  const requests: string[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    let text = '';
    socket.setEncoding('latin1').on('data', (data: string) => {
      text += data;
      for (let next = firstOf(text); next !== undefined; next = firstOf(text)) {
        text = text.slice(next.length);
        requests.push(next);
        answer(socket, next, requests.length);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = new KeepAliveClient(new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`), {
    maxBytes: 1_000_000,
  });
  return {
    sockets,
    requests,
    client,
    post: (body: string, more: Partial<HttpPost> = {}) =>
      client
        .post({
          ...{ path: '/graphql', headers: () => ({ a: 'b' }), body, timeoutMs: 20_000 },
          onTimeout: () => new Error('too late'),
          ...more,
        })
        .then((response) => String(response.body)),
    [Symbol.asyncDispose]: async () => {
      await client[Symbol.asyncDispose]();
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
};

/** Returns the first whole request in a text. */
const firstOf = (text: string): string | undefined => {
  const [head = ''] = text.split('\r\n\r\n', 1);
  const length = Number(/content-length: (\d+)/.exec(head)?.[1] ?? Number.NaN);
  const end = head.length + 4 + length;
  return text.length >= end ? text.slice(0, end) : undefined;
};
const bodyIn = (request: string) => request.split('\r\n\r\n')[1] ?? '';
const response = (body: string, headers = '') =>
  `HTTP/1.1 200 OK\r\n${headers}content-length: ${Buffer.byteLength(body, 'latin1')}\r\n\r\n${body}`;
const echo = (socket: Socket, request: string) => socket.write(response(bodyIn(request)), 'latin1');

test('a request has a host, a length and its headers, and one connection serves one after the other', async () => {
  await using server = await startServer(echo);
  for (const body of ['one', 'two', 'three']) expect(await server.post(body)).toBe(body);
  expect(server.sockets).toHaveLength(1);
  const port = server.sockets[0]?.localPort;
  expect(server.requests[0]).toBe(
    `POST /graphql HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nconnection: keep-alive\r\na: b\r\ncontent-length: 3\r\n\r\none`,
  );
});

test('requests at once have connections of their own, at most 64; the others wait for one', async () => {
  const held: (() => void)[] = [];
  await using server = await startServer((socket, request) => void held.push(() => echo(socket, request)));
  const all = Array.from({ length: 100 }, (_, n) => server.post(String(n)));
  await expect.poll(() => held.length).toBe(64);
  for (let n = 0; n < 100; n++) {
    await expect.poll(() => held.length).toBeGreaterThan(n);
    held[n]?.();
  }
  expect(await Promise.all(all)).toEqual(Array.from({ length: 100 }, (_, n) => String(n)));
  expect(server.sockets).toHaveLength(64);
});

test('bytes after a response answer no other request', async () => {
  await using server = await startServer((socket, request, nth) => {
    if (nth === 1) socket.write(response('first') + response('of another'));
    else echo(socket, request);
  });
  expect(await server.post('1')).toBe('first');
  expect(await server.post('2')).toBe('2');
  expect(server.sockets).toHaveLength(2);
});

test('bytes that come while a connection is not in use answer no request, though it is sent in the same turn', async () => {
  await using server = await startServer(echo);
  expect(await server.post('1')).toBe('1');
  const [socket] = server.sockets;
  socket?.write(response('of another'));
  // Written, and not read by the client yet: both ends are in this process.
  expect(await server.post('2')).toBe('2');
  expect(server.sockets).toHaveLength(2);
});

test.each([
  ['says so', (socket: Socket, body: string) => socket.write(response(body, 'connection: close\r\n'))],
  ['closes it', (socket: Socket, body: string) => socket.end(response(body))],
  ['ends the response so', (socket: Socket, body: string) => socket.end(`HTTP/1.1 200 OK\r\n\r\n${body}`)],
])('a connection is not used again if the server %s', async (_what, answer) => {
  await using server = await startServer((socket, request) => void answer(socket, bodyIn(request)));
  expect([await server.post('1'), await server.post('2')]).toEqual(['1', '2']);
  expect(server.sockets).toHaveLength(2);
});

test.each([
  ['closes the connection', (socket: Socket) => socket.end()],
  ['resets the connection', (socket: Socket) => socket.resetAndDestroy()],
  [
    'ends in the middle of a response',
    (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n1'),
  ],
  ['speaks another protocol', (socket: Socket) => socket.write('SSH-2.0-x\r\n\r\n')],
])('a request fails if the server %s, and the next one does not', async (_what, answer) => {
  await using server = await startServer((socket, request, nth) =>
    nth === 1 ? void answer(socket) : void echo(socket, request),
  );
  await expect(server.post('1')).rejects.toThrow();
  expect(await server.post('2')).toBe('2');
});

test('a request that is not answered in time fails, and its late response answers no other one', async () => {
  let late: Socket | undefined;
  await using server = await startServer((socket, request) => {
    if (bodyIn(request) === '1') late = socket;
    else echo(socket, request);
  });
  await expect(server.post('1', { timeoutMs: 500 })).rejects.toThrow('too late');
  late?.write(response('too late for 1'));
  expect(await server.post('2')).toBe('2');
  expect(server.requests.map(bodyIn)).toEqual(['1', '2']);
  expect(server.sockets).toHaveLength(2);
});

test('a request that waits for a connection fails after its time-out as well, and is never sent', async () => {
  const held: (() => void)[] = [];
  await using server = await startServer((socket, request) => void held.push(() => echo(socket, request)));
  const all = Array.from({ length: 64 }, (_, n) => server.post(String(n)));
  await expect.poll(() => held.length).toBe(64);
  await expect(server.post('waits', { timeoutMs: 20 })).rejects.toThrow('too late');
  for (const answer of held) answer();
  await Promise.all(all);
  const last = server.post('last');
  await expect.poll(() => held.length).toBe(65);
  held[64]?.();
  expect(await last).toBe('last');
  expect(server.requests.map(bodyIn)).not.toContain('waits');
});

test('a header that could begin another one is refused', async () => {
  await using server = await startServer(echo);
  for (const value of ['b\r\nc: d', 'b\nc', 'b\0', 'ā'])
    await expect(server.post('1', { headers: () => ({ a: value }) })).rejects.toThrow(TypeError);
  for (const name of ['a b', 'a:', 'a\r\n', ''])
    await expect(server.post('1', { headers: () => ({ [name]: 'b' }) })).rejects.toThrow(TypeError);
  expect(server.requests).toEqual([]);
});

test('a body of any characters and any length arrives as it is, also after a header that is not ASCII', async () => {
  await using server = await startServer(echo);
  for (const body of ['é𝄞', 'x'.repeat(700_000), `${'é'.repeat(100_000)}`])
    for (const headers of [{ a: 'b' }, { a: 'é' }]) {
      expect(await server.post(body, { headers: () => headers })).toBe(body);
      expect(server.requests.at(-1)).toContain(`a: ${headers.a}\r\n`);
    }
});

test('a server that is not there, and a client that is closed, fail every request', async () => {
  const gone = await startServer(echo);
  const held = await startServer(() => {});
  await gone[Symbol.asyncDispose]();
  await expect(gone.post('1')).rejects.toThrow('closed');
  const refused = new KeepAliveClient(new URL('http://127.0.0.1:1'), { maxBytes: 1 });
  const request = {
    path: '/',
    headers: () => ({}),
    body: '1',
    timeoutMs: 20_000,
    onTimeout: () => new Error('late'),
  };
  await expect(refused.post(request)).rejects.toThrow('ECONNREFUSED');
  const waiting = held.post('1');
  await expect.poll(() => held.requests.length).toBe(1);
  await Promise.all([expect(waiting).rejects.toThrow('closed'), held[Symbol.asyncDispose]()]);
  await refused[Symbol.asyncDispose]();
});

test('headers are asked for when all requests of the turn are known, and a failure of one leaves the others', async () => {
  await using server = await startServer(echo);
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
  expect(server.sockets).toHaveLength(2);
});
