import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startBareGateway } from '../support/gateway/bare-gateway.ts';
import { type CannedSubgraph, startCannedSubgraph } from '../support/gateway/canned-subgraph.ts';

const sdl = `
  scalar Any
  input In { of: [In!] exact: Int! = 3 }
  type Query { echo(s: String, any: Any, in: In, f: Float): String exact(of: Int! = 1): String ok: String }
  type Subscription { tick(any: Any): Int }`;

let url: string;
let subgraph: CannedSubgraph;
const resources = new AsyncDisposableStack();
beforeAll(async () => {
  subgraph = resources.use(
    await startCannedSubgraph(() => ({ body: '{"data":{"ok":"k","echo":"e","exact":"x"}}' })),
  );
  ({ url } = await startBareGateway({ sdls: { a: sdl }, urls: { a: subgraph.url } }, resources));
});
afterAll(() => resources.disposeAsync());

const send = async (body: string | Buffer, headers: Record<string, string> = {}) => {
  const answer = await request(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  return { status: answer.statusCode, text: await answer.body.text() };
};
const get = async (query: string, headers: Record<string, string>) => {
  const answer = await request(`${url}/graphql?query=${query}`, { headers });
  return { status: answer.statusCode, text: await answer.body.text() };
};

type Answer = { readonly errors?: readonly { readonly extensions: Record<string, unknown> }[] };
/** Ways to send a request as a text of JSON, each with the answer that it brings. */
const transports: Readonly<Record<string, (body: string) => Promise<Answer>>> = {
  HTTP: async (body) => {
    const { status, text } = await send(body, { accept: 'application/graphql-response+json' });
    expect(status).toBe(400);
    return JSON.parse(text);
  },
  'event stream': async (body) => {
    const { text } = await send(body, { accept: 'text/event-stream' });
    return JSON.parse(/^data: (.+)$/m.exec(text)?.[1] ?? '');
  },
  // By hand: a client of the library would overflow the stack by writing such a message.
  WebSocket: async (body) => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    socket.on('open', () => socket.send('{"type":"connection_init"}'));
    socket.on('close', (code) => reject(new Error(`closed with ${code}`)));
    socket.on('message', (data) => {
      const { type, payload } = JSON.parse(String(data));
      if (type === 'connection_ack') socket.send(`{"id":"1","type":"subscribe","payload":${body}}`);
      else if (type === 'error') resolve({ errors: payload });
      else if (type === 'next') resolve(payload);
    });
    try {
      return await promise;
    } finally {
      socket.terminate();
    }
  },
};

const nested = (depth: number, open: string, close: string, inside = '') =>
  open.repeat(depth) + inside + close.repeat(depth);
const query = (text: string, variables = '{}') =>
  `{"query":${JSON.stringify(text)},"variables":${variables}}`;
const any = 'query ($v: Any) { echo(any: $v) }';

describe.each(Object.keys(transports))('over %s', (transport) => {
  const ask = (body: string) => (transports[transport] as (body: string) => Promise<Answer>)(body);

  test.each([
    ['lists in a variable', query(any, `{"v":${nested(20_000, '[', ']')}}`), 'BAD_USER_INPUT', 'v'],
    [
      'objects in a variable',
      query(any, `{"v":${nested(20_000, '{"a":', '}', '1')}}`),
      'BAD_USER_INPUT',
      'v',
    ],
    [
      'input objects in a variable',
      query('query ($v: In) { echo(in: $v) }', `{"v":${nested(10_000, '{"of":[', ']}')}}`),
      'BAD_USER_INPUT',
      'v',
    ],
    ['a number beyond all bounds', query(any, '{"v":1e400}'), 'BAD_USER_INPUT', 'v'],
    ['such a literal', query('{ echo(f: 1e400) }'), 'BAD_USER_INPUT', 'f'],
    ['such a literal of any type', query('{ echo(any: -1e400) }'), 'BAD_USER_INPUT', 'any'],
    ['objects in a literal', query(`{ echo(any: ${nested(300, '{a:', '}', '1')}) }`), 'BAD_USER_INPUT', 'a'],
    [
      'lists in a literal',
      query(`{ echo(any: ${nested(30, '[', ']')}) }`),
      'GRAPHQL_VALIDATION_FAILED',
      undefined,
    ],
    [
      'null for an argument with a default',
      query('query ($n: Int) { exact(of: $n) }', '{"n":null}'),
      'BAD_USER_INPUT',
      'of',
    ],
    ['null by a default', query('query ($n: Int = null) { exact(of: $n) }'), 'BAD_USER_INPUT', 'of'],
    [
      'null for an input field with a default',
      query('query ($n: Int) { echo(in: { exact: $n }) }', '{"n":null}'),
      'BAD_USER_INPUT',
      'in',
    ],
    ['a lone surrogate in a name', '{"query":"{ ok\\ud800 }"}', 'GRAPHQL_PARSE_FAILED', undefined],
    [
      'a lone surrogate in a literal',
      '{"query":"{ echo(s: \\"\\\\ud800\\") }"}',
      'GRAPHQL_PARSE_FAILED',
      undefined,
    ],
    [
      '@include at the root of a subscription',
      query('subscription ($i: Boolean!) { tick @include(if: $i) }', '{"i":true}'),
      'GRAPHQL_VALIDATION_FAILED',
      undefined,
    ],
    [
      '@skip around it',
      query('subscription { ...F @skip(if: false) } fragment F on Subscription { tick }'),
      'GRAPHQL_VALIDATION_FAILED',
      undefined,
    ],
    [
      '@include within a fragment at it',
      query('subscription { ...F } fragment F on Subscription { ... @include(if: true) { tick } }'),
      'GRAPHQL_VALIDATION_FAILED',
      undefined,
    ],
    [
      'lists in a variable of a subscription',
      query('subscription ($v: Any) { tick(any: $v) }', `{"v":${nested(20_000, '[', ']')}}`),
      'BAD_USER_INPUT',
      'v',
    ],
  ])('%s', async (_what, body, code, field) => {
    const asked = subgraph.asked.length;
    const { errors = [], ...rest } = await ask(body);
    expect(errors[0]?.extensions).toEqual({ code, ...(field && { field }) });
    expect(rest).toEqual({});
    expect(subgraph.asked.length).toBe(asked);
  });
});

test('a variable that no definition names may be anything', async () => {
  const { status, text } = await send(query('{ ok }', `{"v":${nested(20_000, '[', ']')},"w":1e400}`));
  expect({ status, text }).toEqual({ status: 200, text: '{"data":{"ok":"k"}}' });
});

describe('a body in another character set', () => {
  const latin1 = Buffer.from('{"query":"{ echo(s: \\"caf\u00e9\\") }"}', 'latin1');

  test.each([
    'application/json; charset=iso-8859-1',
    'application/json;charset=utf-16',
    'application/json; charset="us-ascii"',
    'application/json; charset=utf-8; charset=iso-8859-1',
    'application/json; charset = iso-8859-1',
    "application/json; charset='utf-8'",
  ])('is 415: %s', async (type) => {
    const { status, text } = await send(latin1, { 'content-type': type });
    expect(status).toBe(415);
    expect(JSON.parse(text).errors[0].extensions.code).toBe('BAD_REQUEST');
  });

  test.each(['application/json', 'application/json; charset=utf-8'])(
    'that it does not name is 400: %s',
    async (type) => {
      const { status, text } = await send(latin1, { 'content-type': type });
      expect(status).toBe(400);
      expect(JSON.parse(text).errors[0].extensions.code).toBe('BAD_REQUEST');
    },
  );

  test.each([
    'application/json; charset=UTF-8',
    'application/json; charset="utf-8"',
    'application/json; foo=bar',
  ])('is read if it is UTF-8: %s', async (type) => {
    const { status } = await send('{"query":"{ echo(s: \\"caf\u00e9\\") }"}', { 'content-type': type });
    expect(status).toBe(200);
    expect(subgraph.asked.at(-1)?.query).toContain('caf\u00e9');
  });

  test('is 400 in a URL', async () => {
    const preflight = { 'apollo-require-preflight': '1' };
    expect((await get('{echo(s:"caf%E9")}', preflight)).status).toBe(400);
    expect((await get('{echo(s:"caf%C3%A9")}', preflight)).status).toBe(200);
  });
});

describe('GET without a preflight header', () => {
  test.each([
    'message/rfc822',
    'application/xml',
    'text/plain',
    'application/json, text/plain',
    'application/jsonp',
    'application/graphql-response+json',
    ';application/json',
  ])('is refused whatever its content type is: %s', async (type) => {
    const asked = subgraph.asked.length;
    const { status } = await get('{ok}', { 'content-type': type });
    expect(status).toBe(400);
    expect(subgraph.asked.length).toBe(asked);
  });

  test('is answered with the content type of JSON, which needs a preflight', async () => {
    expect((await get('{ok}', { 'content-type': 'application/json' })).status).toBe(200);
  });
});
