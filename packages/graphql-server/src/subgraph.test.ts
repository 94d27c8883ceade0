import { generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { createLog } from '@rookery/runtime';
import {
  createGatewayVerifier,
  gatewayHeader,
  issuer,
  operationDigest,
  sharedTaken,
  tokenRefused,
  tokenType,
} from '@rookery/subgraph-auth';
import Fastify, { type FastifyInstance } from 'fastify';
import { buildSchema, type GraphQLSchema } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SubgraphContext } from './context.ts';
import { notFound } from './errors.ts';
import { serveSubgraph } from './subgraph.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const schema: GraphQLSchema = buildSchema(`
  type Query { viewer: String, hidden: String, broken: String, double(n: Int!): Int, later: String }
  type Mutation { note(text: String!): String }
`);
const resolve = (field: string, resolver: (args: never, context: SubgraphContext) => unknown) => {
  const type = field === 'note' ? schema.getMutationType() : schema.getQueryType();
  const found = type?.getFields()[field];
  if (found) found.resolve = (_root, args, context) => resolver(args as never, context as SubgraphContext);
};
resolve('viewer', (_args, { viewer }) => viewer);
resolve('hidden', () => {
  throw notFound('Post');
});
resolve('broken', () => {
  throw new Error('password of the database');
});
resolve('double', ({ n }: { n: number }) => 2 * n);
const order: string[] = [];
const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
resolve('later', async (_args, { afterAnswer }) => {
  afterAnswer?.(() => {
    order.push('work');
    begin();
  });
  await setImmediate();
  order.push('resolved');
});
resolve('note', ({ text }: { text: string }, { responseExtensions }) => {
  responseExtensions.addReadAfter('a1');
  return text;
});

const tokenFor = (body: string | undefined): string => {
  const iat = Math.floor(Date.now() / 1_000);
  const op = body === undefined ? {} : { op: operationDigest(body) };
  const claims = { iss: issuer, aud: 'notes', sub: 'ada', iat, exp: iat + 60, ...op };
  const text = `${base64url({ alg: 'EdDSA', kid: 'k', typ: tokenType })}.${base64url(claims)}`;
  return `${text}.${sign(null, Buffer.from(text), privateKey).toString('base64url')}`;
};

describe('a subgraph', () => {
  let keys: Server;
  let app: FastifyInstance;
  let url: string;

  beforeAll(async () => {
    const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'EdDSA', use: 'sig' };
    keys = createServer((_request, response) => response.end(JSON.stringify({ keys: [jwk] })));
    keys.listen(0, '127.0.0.1');
    await once(keys, 'listening');
    const keysUrl = `http://127.0.0.1:${(keys.address() as AddressInfo).port}`;
    app = Fastify();
    await serveSubgraph({
      app,
      schema,
      verifier: createGatewayVerifier({ keysUrl, audience: 'notes' }),
      log: createLog('test', 'silent'),
      context: (base) => base,
    });
    url = `${await app.listen({ host: '127.0.0.1', port: 0 })}/graphql`;
  });
  afterAll(async () => {
    await app?.close();
    keys?.closeAllConnections();
    keys?.close();
  });

  /** Sends what the gateway sends, unless the headers say otherwise. */
  const ask = async (request: object, headers: Record<string, string> = {}) => {
    const body = JSON.stringify(request);
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        'x-request-id': 'r1',
        [gatewayHeader]: tokenFor(body),
        ...headers,
      },
      body,
    });
    return { status: response.status, headers: response.headers, answer: (await response.json()) as object };
  };

  it('answers with data, and tells who asks', async () => {
    const { status, headers, answer } = await ask({ query: '{ viewer double(n: 2) }' });
    expect({ status, answer }).toEqual({ status: 200, answer: { data: { viewer: 'ada', double: 4 } } });
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
  });

  it('tells with the answer to a mutation that mutations may share signatures', async () => {
    const { headers } = await ask({ query: 'mutation { note(text: "x") }' });
    expect(headers.get(gatewayHeader)).toBe(sharedTaken);
    const unbound = { [gatewayHeader]: tokenFor(undefined) };
    expect((await ask({ query: '{ viewer }' }, unbound)).headers.get(gatewayHeader)).toBeNull();
  });

  it('tells the gateway what later reads must reflect', async () => {
    const { answer } = await ask({
      query: 'mutation ($text: String!) { note(text: $text) }',
      variables: { text: 'x' },
    });
    expect(answer).toEqual({ data: { note: 'x' }, extensions: { readAfter: ['a1'] } });
  });

  it('begins work that is left for later once it has answered', async () => {
    await ask({ query: '{ later }' });
    await begun;
    expect(order).toEqual(['resolved', 'work']);
  });

  it('chooses the operation by its name', async () => {
    const query = 'query A { viewer } query B { double(n: 1) }';
    expect((await ask({ query, operationName: 'B' })).answer).toEqual({ data: { double: 2 } });
    const unknown = await ask({ query, operationName: 'C' });
    expect(unknown.status).toBe(400);
    expect(unknown.answer).not.toHaveProperty('data');
  });

  it('answers a document with other variables each time', async () => {
    const query = 'query ($n: Int!) { double(n: $n) }';
    for (const n of [1, 2, 3])
      expect((await ask({ query, variables: { n } })).answer).toEqual({ data: { double: 2 * n } });
  });

  it.each([
    ['no GraphQL', { query: '{ viewer' }, 'GRAPHQL_PARSE_FAILED'],
    ['an unknown field', { query: '{ secret }' }, 'GRAPHQL_VALIDATION_FAILED'],
    ['introspection', { query: '{ __schema { types { name } } }' }, 'GRAPHQL_VALIDATION_FAILED'],
    [
      'a variable of another type',
      { query: 'query ($n: Int!) { double(n: $n) }', variables: { n: 'x' } },
      'BAD_USER_INPUT',
    ],
    ['a missing variable', { query: 'query ($n: Int!) { double(n: $n) }' }, 'BAD_USER_INPUT'],
    ['no query', { variables: {} }, 'BAD_REQUEST'],
    ['variables that are no object', { query: '{ viewer }', variables: [1] }, 'BAD_REQUEST'],
  ])('refuses %s, each time', async (_what, request, code) => {
    for (let time = 0; time < 2; time++) {
      const { status, answer } = await ask(request);
      expect(answer).toHaveProperty('errors.0.extensions.code', code);
      expect(answer).not.toHaveProperty('data');
      expect(status).toBe(400);
    }
  });

  it('shows errors of the table with their place, and masks any other', async () => {
    const { status, answer } = await ask({ query: '{ viewer hidden broken }' });
    expect(status).toBe(200);
    expect(answer).toMatchObject({
      data: { viewer: 'ada', hidden: null, broken: null },
      errors: [
        { message: 'Post not found.', path: ['hidden'], extensions: { code: 'NOT_FOUND' } },
        { path: ['broken'], extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'r1' } },
      ],
    });
    expect(JSON.stringify(answer)).not.toContain('database');
  });

  it.each([
    ['no token', {}],
    ['a token that is none', { [gatewayHeader]: 'x' }],
  ])('refuses a request with %s', async (_what, headers) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers } as Record<string, string>,
      body: JSON.stringify({ query: '{ viewer }' }),
    });
    expect(response.status).toBe(403);
    expect(response.headers.get(gatewayHeader)).toBe(tokenRefused);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
  });

  it('executes no mutation whose token is not bound to it', async () => {
    const unbound = { [gatewayHeader]: tokenFor(undefined) };
    expect((await ask({ query: '{ viewer }' }, unbound)).status).toBe(200);
    const { status, headers, answer } = await ask({ query: 'mutation { note(text: "x") }' }, unbound);
    expect(status).toBe(403);
    expect(headers.get(gatewayHeader)).toBe(tokenRefused);
    expect(answer).not.toHaveProperty('data');
  });
});
