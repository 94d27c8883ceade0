import { freePort } from '@rookery/stack';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import {
  type Account,
  type FaultProxy,
  type GatewaySigner,
  type SharedSystem,
  sharedSystem,
  signerOf,
  startFaultProxy,
  type TokenOptions,
} from '../support/index.ts';
import { patternOf } from '../support/tour.ts';
import { followGuide, type Scratch, type Served, steps, variants } from './guide.ts';

let scratch: Scratch;
let system: SharedSystem;
let link: FaultProxy;
let ada: Account;
let post: string;
let signer: GatewaySigner;
let port: number;
const resources = new AsyncDisposableStack();

beforeAll(async () => {
  scratch = resources.use(followGuide());
  port = await freePort();
  const { code, stderr } = await scratch.command('compose', '');
  expect(code, stderr).toBe(0);
  link = resources.use(await startFaultProxy({ host: '127.0.0.1', port }));
  system = await sharedSystem();
  const gatewayEnv = scratch.gatewayEnv(`http://127.0.0.1:${link.port}/graphql`);
  await system.restart('gateway', { NODE_ENV: 'test', ...gatewayEnv });
  ada = await system.signUp();
  const { publishPost } = await ask<{ publishPost: { post: { id: string } } }>(
    'mutation { publishPost(input: { body: "Hello." }) { post { id } } }',
  );
  post = publishPost.post.id;
  signer = await signerOf(system.internalKeyFile);
});
afterAll(() => resources.disposeAsync());

const ask = async <T>(query: string): Promise<T> => {
  const response = await fetch(system.graphqlUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${ada.token}` },
    body: JSON.stringify({ query }),
  });
  const { data, errors } = (await response.json()) as { data: T; errors?: unknown };
  expect(errors).toBeUndefined();
  return data;
};
const reviewing = (stars: number) =>
  `mutation { reviewPost(postId: "${post}", stars: ${stars}) { stars author { id } } }`;

/** A request that somebody makes who can reach the subgraph. */
const askDirectly = async (
  query: string,
  token: (Omit<TokenOptions, 'body'> & { body?: string | null }) | null,
) => {
  const body = JSON.stringify({ query });
  const { body: bound = body, ...options } = token ?? { audience: '' };
  const shown = token && (await signer.token({ ...options, ...(bound === null ? {} : { body: bound }) }));
  return fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(shown && { 'x-rookery-gateway': shown }) },
    body,
  });
};

describe.each(variants)('the subgraph of the guide, with %s', (variant) => {
  let served: Served;
  beforeAll(async () => {
    served = await scratch.serve(variant, {
      PORT: String(port),
      GATEWAY_KEYS_URL: `${system.metricsUrls.gateway}/.well-known/gateway-keys.json`,
    });
  });
  afterAll(() => served?.[Symbol.asyncDispose]());

  test('gives what the guide says: a federated query, a permission, a header, a live subscription', async () => {
    expect(steps.length).toBeGreaterThan(6);
    const { outputs, complaints } = await scratch.tour({
      ...process.env,
      ROOKERY: system.gatewayUrl,
      REVIEWS: `http://127.0.0.1:${port}`,
      TOKEN: '',
    });
    expect(complaints).toBe('');
    for (const [i, { line, output }] of steps.entries())
      expect(outputs[i], `add-a-subgraph.md, line ${line}`).toMatch(patternOf(output));
    expect((await fetch(`http://127.0.0.1:${port}/health/ready`)).status).toBe(200);
  });

  // Both ways serve the same schema.
  test.runIf(variant === variants[0])('passes the check that the guide names, whoever runs it', async () => {
    const { code, stdout } = await scratch.command('check', `http://127.0.0.1:${port}/graphql`);
    expect(code, stdout).toBe(0);
  });

  test('sends each review live, and those that were written while its connection was lost', async () => {
    await ask(reviewing(1));
    const client = createClient({ url: system.webSocketUrl, webSocketImpl: WebSocket, retryAttempts: 0 });
    type Event = { reviewAdded: { cursor: string; review: { stars: number; post: { body: string } } } };
    const events = client.iterate<Event>({
      query: `subscription { reviewAdded(postId: "${post}", after: "0") { cursor review { stars post { body } } } }`,
    });
    const next = async () => (await events.next()).value?.data?.reviewAdded.review;
    expect(await next()).toEqual({ stars: 1, post: { body: 'Hello.' } });
    const live = next();
    await ask(reviewing(2));
    expect(await live).toEqual({ stars: 2, post: { body: 'Hello.' } });

    const afterLoss = next();
    link.set({ kind: 'cut' });
    expect(link.reset()).toBeGreaterThan(0);
    const missed = await askDirectly(reviewing(3), { audience: 'reviews', viewer: ada.id });
    expect(await missed.json()).toEqual({ data: { reviewPost: { stars: 3, author: { id: ada.id } } } });
    link.set({ kind: 'pass' });
    expect(await afterLoss).toEqual({ stars: 3, post: { body: 'Hello.' } });
    await events.return?.();
    await client.dispose();
  });

  test('tells the checkpoint of a subscription before there is any event', async () => {
    const token = await signer.token({ audience: 'reviews' });
    const client = createClient({
      url: `ws://127.0.0.1:${port}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { 'x-rookery-gateway': token },
      retryAttempts: 0,
    });
    const events = client.iterate({
      query: `subscription { reviewAdded(postId: "${post}") { cursor } }`,
      extensions: { 'x-rookery-gateway': token, checkpoints: true },
    });
    expect((await events.next()).value).toEqual({
      data: null,
      extensions: { checkpoint: expect.any(String) },
    });
    await events.return?.();
    await client.dispose();
  });

  test('writes nothing for whoever sends a mutation over the socket with the token of a query', async () => {
    const token = await signer.token({ audience: 'reviews', viewer: ada.id });
    const client = createClient({
      url: `ws://127.0.0.1:${port}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { 'x-rookery-gateway': token },
      retryAttempts: 0,
    });
    const written = client.iterate({
      query: 'mutation { reviewPost(postId: "socket", stars: 1) { id } }',
      extensions: { 'x-rookery-gateway': token },
    });
    await expect(written.next()).rejects.toEqual([
      expect.objectContaining({ message: 'Only subscriptions come over a socket.' }),
    ]);
    await client.dispose();
  });

  const refused: [string, string, Parameters<typeof askDirectly>[1]][] = [
    ['without a token', '{ latestReviews { id } }', null],
    ['with a token for another subgraph', '{ latestReviews { id } }', { audience: 'query' }],
    [
      'with one of yesterday',
      '{ latestReviews { id } }',
      { audience: 'reviews', at: Date.now() - 86_400_000 },
    ],
    [
      'to write with the token of a query',
      'mutation { reviewPost(postId: "1", stars: 1) { id } }',
      { audience: 'reviews', body: null },
    ],
    [
      'to write with that of another mutation',
      'mutation { reviewPost(postId: "1", stars: 1) { id } }',
      { audience: 'reviews', body: '{}' },
    ],
  ];
  test.each(refused)('refuses whoever asks %s', async (_what, query, token) => {
    const response = await askDirectly(query, token);
    expect(response.status).toBe(403);
    expect(response.headers.get('x-rookery-gateway')).toBe('refused');
    expect(await response.json()).toEqual({
      errors: [{ message: 'Subgraphs answer the gateway only.', extensions: { code: 'FORBIDDEN' } }],
    });
  });

  test('takes only its own fields with it when it stops', async () => {
    await served[Symbol.asyncDispose]();
    const response = await fetch(system.graphqlUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        query: `{ post(id: "${post}") { body reviews { stars } } latestReviews { stars } }`,
      }),
    });
    expect(await response.json()).toMatchObject({
      data: { post: { body: 'Hello.', reviews: null }, latestReviews: null },
      errors: expect.arrayContaining([
        expect.objectContaining({ extensions: expect.objectContaining({ code: 'SERVICE_UNAVAILABLE' }) }),
      ]),
    });
  });
});
