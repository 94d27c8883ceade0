import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Raw, sendRaw } from '../support/clients/raw-client.ts';
import { eventually } from '../support/eventually.ts';
import { startGateway, type TestGateway } from '../support/gateway/gateway.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway[Symbol.asyncDispose]());

const strict = 'application/graphql-response+json';
const send = (raw: Raw) => sendRaw(gateway.url, raw);

describe('an ordinary request is answered ahead of Fastify, and', () => {
  /** Fastify answers what has a content encoding. */
  const byFastify = { 'content-encoding': 'identity' };
  const listed = { origin: 'https://app.example' };
  test.each<[what: string, body: string, headers?: Record<string, string>]>([
    ['a query', '{"query":"{ secret }"}'],
    ['a query for another media type', '{"query":"{ secret }"}', { accept: strict }],
    ['a query of a listed origin', '{"query":"{ secret }"}', listed],
    ['a query of another origin', '{"query":"{ secret }"}', { origin: 'https://evil.example' }],
    [
      'a query with a charset',
      '{"query":"{ secret }"}',
      { 'content-type': 'application/json; charset=utf-8' },
    ],
    ['a query that fails', '{"query":"mutation { fail(code: \\"FORBIDDEN\\") { id } }"}'],
    ['a request for its cost', '{"query":"{ secret }"}', { 'x-operation-cost': '1' }],
    ['an invalid query', '{"query":"{ secrets }"}', { accept: strict }],
    ['a syntax error', '{"query":"{"}'],
    ['a bad token', '{"query":"{ secret }"}', { authorization: 'Bearer x', ...listed }],
    ['bad JSON', '{"query":', listed],
    ['a byte order mark', '\ufeff{"query":"{ secret }"}'],
    ['a prototype', '{"__proto__":{},"query":"{ secret }"}'],
    ['no object', '[]'],
    ['a batch', '[{"query":"{ secret }"}]'],
    ['a subscription', '{"query":"subscription { counted }"}'],
    ['bad ids to read after', '{"query":"{ secret }"}', { 'x-read-after': 'x' }],
    ['an unacceptable type', '{"query":"{ secret }"}', { accept: 'text/html' }],
    ['a stream', '{"query":"{ secret }"}', { accept: 'text/event-stream' }],
  ])('%s is answered as Fastify answers it', async (_what, body, headers = {}) => {
    const told = { 'x-request-id': 'the-same', ...headers };
    const [own, fastify] = [
      await send({ body, headers: told }),
      await send({ body, headers: { ...told, ...byFastify } }),
    ];
    const comparable = ({ status, headers: { date: _date, ...rest }, text }: typeof own) => ({
      ...{ status, headers: rest, text },
    });
    expect(comparable(own)).toEqual(comparable(fastify));
  });

  test('bytes that are not UTF-8 are refused alike', async () => {
    const body = Buffer.from('7b2271ff', 'hex');
    const [own, fastify] = [await send({ body }), await send({ body, headers: byFastify })];
    expect(own.errors[0]?.message).toContain('not UTF-8');
    expect([own.status, own.errors[0]?.message]).toEqual([fastify.status, fastify.errors[0]?.message]);
  });

  test('a client that leaves in the middle of its body harms nobody, and is logged', async () => {
    const { hostname, port } = new URL(gateway.url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    socket.write(
      'POST /graphql HTTP/1.1\r\nhost: x\r\nx-request-id: left-early\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"query"',
    );
    // Another request tells that this one has begun.
    await send({ body: '{"query":"{ secret }"}' });
    socket.destroy();
    await eventually(() => /left-early.*"status":499/.test(gateway.log()), { what: 'its line in the log' });
    expect((await send({ body: '{"query":"{ secret }"}' })).status).toBe(200);
  });
});
