import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { textFrame } from './text-frame.ts';

test('a client reads each text as it was, whatever its length and characters', async () => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  await once(server, 'listening');
  const upgraded = Promise.withResolvers<Duplex>();
  server.on('connection', (_socket, request) => upgraded.resolve(request.socket));
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const lengths = [0, 1, 125, 126, 127, 65_535, 65_536, 1_000_000];
  const texts = [...lengths.map((length) => 'a'.repeat(length)), 'é'.repeat(63), '𝄞'.repeat(20_000)];
  const received: string[] = [];
  const all = Promise.withResolvers<void>();
  client.on('message', (data, isBinary) => {
    expect(isBinary).toBe(false);
    if (received.push(String(data)) === texts.length) all.resolve();
  });
  client.on('error', all.reject);
  const stream = await upgraded.promise;
  for (const text of texts) stream.write(textFrame(text));
  await all.promise;
  expect(received).toEqual(texts);
  client.terminate();
  server.close();
});
