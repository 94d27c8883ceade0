import { createHash } from 'node:crypto';
import {
  ApolloClient,
  ApolloLink,
  CombinedProtocolErrors,
  gql,
  HttpLink,
  InMemoryCache,
} from '@apollo/client';
import { RetryLink } from '@apollo/client/link/retry';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type MultipartBody, payloads, readMultipart } from '../support/clients/multipart.ts';
import { until } from '../support/eventually.ts';
import { startGateway, type TestGateway } from '../support/gateway/gateway.ts';
import { withShortToken } from '../support/gateway/issuer.ts';
import { people } from '../support/gateway/network.ts';
import { SupergraphFile } from '../support/gateway/supergraph-file.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway[Symbol.asyncDispose]());

const ada = people[0]?.id ?? '';
const note = (text: string) => ({ id: crypto.randomUUID(), text, author: ada });
const specification = 'multipart/mixed;subscriptionSpec="1.0", application/json';

interface PostOptions {
  readonly accept?: string;
  readonly headers?: Record<string, string>;
  readonly at?: TestGateway;
  readonly signal?: AbortSignal | null;
}

const post = (
  body: object,
  { accept = specification, headers = {}, at = gateway, signal = null }: PostOptions = {},
) =>
  fetch(`${at.url}/graphql`, {
    signal,
    method: 'POST',
    headers: { 'content-type': 'application/json', accept, ...headers },
    body: JSON.stringify(body),
  });

const subscribe = async (query: string, options: PostOptions & { variables?: object } = {}) => {
  const { variables = {}, ...rest } = options;
  const response = await post({ query, variables }, rest);
  expect(response.status).toBe(200);
  return readMultipart(response.headers.get('content-type') ?? '', response.body ?? new ReadableStream());
};

describe('Apollo Client 4 with its HttpLink', () => {
  const client = (at: TestGateway, token?: string, retrying = false) =>
    new ApolloClient({
      cache: new InMemoryCache(),
      link: ApolloLink.from([
        ...(retrying ? [new RetryLink({ delay: { initial: 20, max: 50 }, attempts: { max: 1_000 } })] : []),
        new HttpLink({
          uri: `${at.url}/graphql`,
          headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
        }),
      ]),
    });
  const written = gql`
    subscription {
      written {
        text
        author {
          name
        }
      }
    }
  `;
  const follow = (apollo: ApolloClient, query = written) => {
    const got: unknown[] = [];
    const failed: unknown[] = [];
    let completed = false;
    const subscription = apollo.subscribe({ query }).subscribe({
      next: ({ data, error }) => (error === undefined ? got.push(data) : failed.push(error)),
      error: (error) => failed.push(error),
      complete: () => {
        completed = true;
      },
    });
    return { got, failed, isComplete: () => completed, leave: () => subscription.unsubscribe() };
  };
  const shown = (text: string) => ({
    written: { __typename: 'Note', text, author: { __typename: 'Person', name: 'Ada' } },
  });

  test('gets events in order with fields of every subgraph, and closes what it leaves', async () => {
    const live = follow(client(gateway, await gateway.issuer.token(ada)));
    const { written } = gateway.network;
    await until('listening', () => written.listeners === 1);
    written.push(note('one'));
    // As soon as it happens, not when something follows it.
    await until('the first', () => live.got.length === 1);
    written.push(note('two'));
    await until('the second', () => live.got.length === 2);
    expect(live.got).toEqual([shown('one'), shown('two')]);
    expect(live.failed).toEqual([]);
    expect(gateway.network.notes.asked.at(-1)?.viewer).toBe(ada);
    live.leave();
    await until('closed upstream', () => written.listeners === 0);
  });

  test('queries and changes things as over plain HTTP', async () => {
    const apollo = client(gateway);
    const { data } = await apollo.query({ query: gql`{ secret }` });
    expect(data).toEqual({ secret: 'shown' });
    const written = await apollo.mutate({ mutation: gql`mutation { write(input: { text: "x" }) { text } }` });
    expect(written.data).toEqual({ write: { __typename: 'Note', text: 'x' } });
  });

  test('is told why a subscription is refused', async () => {
    const live = follow(client(gateway), gql`subscription { refused { id } }`);
    await until('refused', () => live.failed.length === 1);
    expect(String(live.failed[0])).toContain('Not a cursor.');
  });

  test('comes back by itself after a deploy with a RetryLink, and its subscriber sees no error', async () => {
    await using first = await startGateway({ limits: { drainSpreadMs: 10 } });
    const listen = { host: '127.0.0.1', port: Number(new URL(first.url).port) };
    const live = follow(client(first, undefined, true));
    await until('listening', () => first.network.written.listeners === 1);
    await first.stop();
    await using second = await startGateway({ options: { listen } });
    await until('listening again', () => second.network.written.listeners === 1);
    second.network.written.push(note('after the deploy'));
    await until('the event', () => live.got.length === 1);
    expect(live.got).toEqual([shown('after the deploy')]);
    expect(live.failed).toEqual([]);
    live.leave();
  });

  test('without one is told that the gateway stops', async () => {
    await using own = await startGateway();
    const live = follow(client(own));
    await until('listening', () => own.network.written.listeners === 1);
    await own.stop();
    await until('told', () => live.failed.length === 1);
    expect(CombinedProtocolErrors.is(live.failed[0])).toBe(true);
    expect(live.failed[0]).toMatchObject({ errors: [{ extensions: { closeCode: 1001 } }] });
  });
});

describe('on the wire', () => {
  test('a subscription is a heartbeat, its events, and the closing delimiter', async () => {
    const response = await post(
      { query: 'subscription { refused { id } }' },
      { headers: { 'accept-encoding': 'gzip, br' } },
    );
    expect(response.status).toBe(200);
    const headers = Object.fromEntries(response.headers);
    expect(headers).toMatchObject({
      'content-type': 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
      'x-request-id': expect.any(String),
    });
    expect(headers).not.toHaveProperty('content-encoding');
    expect(await response.text()).toBe(
      [
        '\r\n--graphql\r\ncontent-type: application/json\r\n\r\n{}',
        '\r\n--graphql\r\ncontent-type: application/json\r\n\r\n',
        '{"payload":{"errors":[{"message":"Not a cursor.","extensions":{"code":"BAD_USER_INPUT","field":"after"}}]}}',
        '\r\n--graphql--\r\n',
      ].join(''),
    );
  });

  test('a quiet subscription beats, and errors of an event are in its payload', async () => {
    const left = new AbortController();
    const body = await subscribe('subscription { written { text author { name } } }', {
      signal: left.signal,
    });
    const { written } = gateway.network;
    await until('listening', () => written.listeners === 1);
    await until('the first heartbeat', () => body.parts.length > 0);
    await until('the second', () => body.parts.length > 1);
    expect(body.parts.slice(0, 2)).toEqual([{}, {}]);
    written.push({ ...note('whose?'), author: crypto.randomUUID() });
    await until('the event', () => payloads(body).length === 1);
    expect(payloads(body)[0]).toMatchObject({ payload: { errors: [{}] } });
    left.abort();
    await body.ended;
    await until('closed upstream', () => written.listeners === 0);
  });

  test('a subscription begins at its cursor, by the hash of its text, and by GET', async () => {
    const { log } = gateway.network;
    for (const text of ['one', 'two', 'three']) log.add(text, ada);
    const query = 'subscription ($after: String) { entries(after: $after) { cursor note { text } } }';
    const extensions = {
      persistedQuery: { version: 1, sha256Hash: createHash('sha256').update(query).digest('hex') },
    };
    const unknown = await post({ extensions });
    expect(await unknown.json()).toMatchObject({
      errors: [{ extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }],
    });
    const left = new AbortController();
    const open = { accept: specification, 'apollo-require-preflight': '1' };
    const parameters = (more: object) =>
      new URLSearchParams(
        Object.entries({ variables: { after: '1' }, extensions, ...more }).map(
          ([name, value]): [string, string] => [
            name,
            typeof value === 'string' ? value : JSON.stringify(value),
          ],
        ),
      );
    const responses = [
      await post({ query, variables: { after: '1' }, extensions }, { signal: left.signal }),
      await post({ variables: { after: '1' }, extensions }, { signal: left.signal }),
      await fetch(`${gateway.url}/graphql?${parameters({ query })}`, { headers: open, signal: left.signal }),
    ];
    for (const response of responses) {
      const body = readMultipart(
        response.headers.get('content-type') ?? '',
        response.body ?? new ReadableStream(),
      );
      await until('both', () => payloads(body).length === 2);
      expect(payloads(body)).toEqual(
        ['two', 'three'].map((text, i) => ({
          payload: { data: { entries: { cursor: String(i + 2), note: { text } } } },
        })),
      );
    }
    left.abort();
    await until('closed upstream', () => log.listeners === 0);
  });

  test('everything else is answered by JSON with its status', async () => {
    const code = async (response: Response) => {
      expect(response.headers.get('content-type')).toMatch(
        /^application\/(graphql-response\+)?json; charset=utf-8$/,
      );
      const { errors } = (await response.json()) as { errors?: { extensions: { code: string } }[] };
      return [response.status, errors?.[0]?.extensions.code];
    };
    const apollo =
      'multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/graphql-response+json,application/json;q=0.9';
    expect(await code(await post({ query: '{ secret }' }))).toEqual([200, undefined]);
    expect(
      await code(await post({ query: '{ secret }' }, { accept: 'multipart/mixed;subscriptionSpec=1.0' })),
    ).toEqual([200, undefined]);
    const unknown = { query: 'subscription { nothing }' };
    expect(await code(await post(unknown))).toEqual([200, 'GRAPHQL_VALIDATION_FAILED']);
    expect(await code(await post(unknown, { accept: apollo }))).toEqual([400, 'GRAPHQL_VALIDATION_FAILED']);
    const silent = { query: 'subscription { silent { id } }' };
    const bad = { authorization: 'Bearer x' };
    expect(await code(await post(silent, { headers: bad }))).toEqual([401, 'UNAUTHENTICATED']);
    const other = 'multipart/mixed;deferSpec=20220824, application/json';
    expect(await code(await post(silent, { accept: other }))).toEqual([400, 'BAD_REQUEST']);
    expect(await code(await post([silent]))).toEqual([400, 'BAD_REQUEST']);
  });

  test('a stream is logged once, and counted while it is open', async () => {
    const streams = () => gateway.metric('rookery_gateway_event_streams');
    const left = new AbortController();
    const body = await subscribe('subscription Logged { silent { id } }', { signal: left.signal });
    await expect.poll(streams).toBe(1);
    left.abort();
    await body.ended;
    await expect.poll(streams).toBe(0);
    const lines = () =>
      gateway
        .log()
        .split('\n')
        .filter((line) => line.includes('"operation":"Logged"'));
    await until('logged', () => lines().length > 0);
    expect(lines().map((line) => JSON.parse(line))).toMatchObject([
      { transport: 'http', type: 'subscription', status: 200 },
    ]);
  });
});

describe('the end', () => {
  const ended = async (body: MultipartBody) => {
    await body.ended;
    expect(body.isClosed()).toBe(true);
    return payloads(body).at(-1);
  };
  const fatal = (extensions: object) => ({
    payload: null,
    errors: [{ message: expect.any(String), extensions }],
  });

  test('of the token is told with its code', async () => {
    const { counted } = gateway.network;
    const opened = counted.opened;
    const body = await withShortToken(gateway.issuer, ada, async (token) => {
      const response = await post(
        { query: 'subscription { counted }' },
        { headers: { authorization: `Bearer ${token}` } },
      );
      // The token may be refused already.
      if (response.status !== 200) return undefined;
      const stream = readMultipart(
        response.headers.get('content-type') ?? '',
        response.body ?? new ReadableStream(),
      );
      let over = false;
      void stream.ended.then(() => {
        over = true;
      });
      await until('listening, or over', () => counted.opened > opened || over);
      return counted.opened > opened ? stream : undefined;
    });
    expect(await ended(body)).toEqual(fatal({ code: 'UNAUTHENTICATED', closeCode: 4440 }));
    await until('closed upstream', () => counted.closed === counted.opened);
  });

  test('of the gateway, and of the supergraph, is told with a hint when to come back', async () => {
    using file = new SupergraphFile();
    await using own = await startGateway({ limits: { drainSpreadMs: 1_000 }, supergraph: file.source(50) });
    const open = async () => {
      const opened = own.network.silent.opened;
      const body = await subscribe('subscription { silent { text } }', { at: own });
      await until('listening', () => own.network.silent.opened > opened);
      return body;
    };
    const unavailable = (closeCode: number) =>
      fatal({ code: 'SERVICE_UNAVAILABLE', closeCode, retryAfter: 1 });
    const first = await open();
    file.write(file.without('noteLimit'));
    expect(await ended(first)).toEqual(unavailable(4460));
    const second = await open();
    await own.stop();
    expect(await ended(second)).toEqual(unavailable(1001));
    await until('closed upstream', () => own.network.silent.listeners === 0);
  });

  test('of an upstream that is lost for good is told as an error of the transport', async () => {
    await using own = await startGateway();
    const body = await subscribe('subscription { silent { text } }', { at: own });
    await until('listening', () => own.network.silent.listeners === 1);
    own.network.notes.cutSockets();
    expect(await ended(body)).toEqual(fatal({ code: 'SERVICE_UNAVAILABLE', retryAfter: 1 }));
  });
});
