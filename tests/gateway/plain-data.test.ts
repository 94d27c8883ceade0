import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBareGateway } from '../support/gateway/bare-gateway.ts';
import { type CannedAnswer, startCannedSubgraph } from '../support/gateway/canned-subgraph.ts';

const plain = { 'x-rookery-plain-data': 'true' };

describe('an answer that its subgraph calls plain data', () => {
  const resources = new AsyncDisposableStack();
  let url = '';
  let answer: CannedAnswer;
  beforeAll(async () => {
    const subgraph = resources.use(await startCannedSubgraph(() => answer));
    ({ url } = await startBareGateway(
      {
        sdls: { one: 'type Query { a: Int b: Int c: Int d: Int e: Int f: Int g: Int }' },
        urls: { one: subgraph.url },
      },
      resources,
    ));
  });
  afterAll(() => resources.disposeAsync());

  const ask = async (query: string, headers: Record<string, string> = {}) => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query }),
    });
    expect(response.status).toBe(200);
    return response.text();
  };

  test('is shaped at first, and then handed on as it came', async () => {
    answer = { headers: plain, body: '{"data":{"a": 1}}\n' };
    expect(await ask('{ a }')).toBe('{"data":{"a":1}}');
    expect(await ask('{ a }')).toBe('{"data":{"a": 1}}');
    const encoded = { ...plain, 'content-encoding': 'gzip' };
    answer = { headers: encoded, body: gzipSync('{"data":{"a":  2}}') };
    expect(await ask('{ a }')).toBe('{"data":{"a":  2}}');
  });

  test('is shaped for a client that wants to know its cost', async () => {
    answer = { headers: plain, body: '{"data":{"b": 1}}' };
    await ask('{ b }');
    expect(JSON.parse(await ask('{ b }', { 'x-operation-cost': '1' }))).toMatchObject({
      data: { b: 1 },
      extensions: { cost: { estimated: expect.any(Number) } },
    });
  });

  test.each([
    ['says nothing of it', {}],
    ['says no', { 'x-rookery-plain-data': 'false' }],
    ['answers in another character set', { ...plain, 'content-type': 'application/json; charset=latin1' }],
  ])('is shaped if the subgraph %s', async (_what, headers) => {
    answer = { headers: plain, body: '{"data":{"c": 1}}' };
    await ask('{ c }');
    answer = { headers, body: '{"data":{"c": 2}}' };
    expect(await ask('{ c }')).toBe('{"data":{"c":2}}');
  });

  test('is shaped if it does not begin as an answer does', async () => {
    answer = { headers: plain, body: '{"data":{"d": 1}}' };
    await ask('{ d }');
    answer = { headers: plain, body: '{"errors":[{"message":"no"}],"data":null}' };
    expect(JSON.parse(await ask('{ d }')).errors).toHaveLength(1);
  });

  test('is always shaped once it was seen to hold something else than was asked for', async () => {
    answer = { headers: plain, body: '{"data":{"e": 1,"secret":2}}' };
    for (let n = 0; n < 3; n++) expect(await ask('{ e }')).toBe('{"data":{"e":1}}');
    answer = { headers: plain, body: '{"data":{"f": "text"}}' };
    for (let n = 0; n < 3; n++) expect(JSON.parse(await ask('{ f }'))).toMatchObject({ data: { f: null } });
  });

  test('is an error at the field if it cannot be read', async () => {
    answer = { headers: plain, body: '{"data":{"g": ' };
    expect(JSON.parse(await ask('{ g }'))).toMatchObject({
      data: { g: null },
      errors: [{ path: ['g'], extensions: { code: 'SERVICE_UNAVAILABLE' } }],
    });
  });
});
