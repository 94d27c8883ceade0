import { randomBytes } from 'node:crypto';
import { readMetric } from '@rookery/runtime';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Client } from '../support/clients/client.ts';
import { type Account, type System, startSystem } from '../support/index.ts';
import { type Receiver, startReceiver } from './receiver.ts';

let receiver: Receiver;
let system: System;
let [author, reader]: Account[] = [];

beforeAll(async () => {
  receiver = await startReceiver();
  system = await startSystem({
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      // Only what a client wants traced.
      OTEL_TRACES_SAMPLER: 'parentbased_always_off',
      OTEL_BSP_SCHEDULE_DELAY: '50',
    },
  });
  [author, reader] = [await system.signUp(), await system.signUp()];
});
afterAll(async () => {
  await system?.stop();
  await receiver?.[Symbol.asyncDispose]();
});

interface Live {
  readonly friendsFeed: { readonly node: { readonly post: { readonly body: string } } };
}

const publish = 'mutation ($body: String!) { publishPost(input: { body: $body }) { post { id } } }';
const read = 'query Read($id: ID!) { user(id: $id) { handle } }';

it('one trace goes from the client through every process to the live event', async () => {
  if (!author || !reader) throw new Error('nobody signed up');
  const [writing, reading] = [author, reader].map(({ token }) => new Client(system.gatewayUrl, token));
  if (!writing || !reading) throw new Error('no clients');
  await reading.ask('mutation ($id: ID!) { followUser(input: { userId: $id }) { user { followerCount } } }', {
    id: author.id,
  });
  await using live = reading.live<Live>('subscription { friendsFeed { node { post { body } } } }');
  const body = `secret-${randomBytes(4).toString('hex')}`;
  // A first event, of no trace, shows that the subscription is open.
  const first = live.next(20_000);
  let open = false;
  void first.then(() => {
    open = true;
  });
  await expect
    .poll(() => writing.ask(publish, { body: 'are you there?' }).then(() => open), {
      timeout: 60_000,
      interval: 500,
    })
    .toBe(true);

  const traceId = randomBytes(16).toString('hex');
  const parent = randomBytes(8).toString('hex');
  await writing.ask(publish, { body }, { traceparent: `00-${traceId}-${parent}-01` });
  while ((await live.next(20_000)).friendsFeed.node.post.body !== body);
  const steps = () =>
    receiver.spans
      .filter((span) => span.traceId === traceId)
      .map(({ service, name }) => `${service} ${name}`);
  await expect
    .poll(steps)
    .toEqual(
      expect.arrayContaining([
        'gateway mutation',
        'gateway POST',
        'mutation POST /graphql',
        'mutation publish ACTIVITY',
        'recorder process ACTIVITY',
        'projector process RECORDED',
        'query send friendsFeed',
        'gateway subscription',
      ]),
    );
  const ours = receiver.spans.filter((span) => span.traceId === traceId);
  // Link by link, from what the client has got back to what it had sent.
  const chain: string[] = [];
  const span = (id: string | undefined) => ours.find(({ spanId }) => spanId === id);
  let step = ours.find(({ service, name }) => service === 'gateway' && name === 'subscription');
  for (; step; step = span(step.parentSpanId)) {
    chain.push(`${step.service} ${step.name}`);
    if (step.parentSpanId === parent) chain.push('client');
  }
  expect(chain).toEqual([
    'gateway subscription',
    'query send friendsFeed',
    'projector process RECORDED',
    'mutation POST /graphql',
    'gateway POST',
    'gateway mutation',
    'client',
  ]);
  // The event carries the step that made it: by JetStream to the recorder, and by JetStream again to each projection.
  const answer = ours.find(({ service, name }) => service === 'mutation' && name === 'POST /graphql');
  const messages = () =>
    receiver.spans
      .filter(({ parentSpanId }) => parentSpanId !== undefined && parentSpanId === answer?.spanId)
      .map(({ service, attributes }) =>
        [
          service,
          attributes['messaging.operation.type'],
          attributes['messaging.destination.name'],
          attributes['messaging.consumer.group.name'] ?? '',
        ].join(' '),
      )
      .sort();
  await expect
    .poll(messages)
    .toEqual([
      'mutation send ACTIVITY ',
      ...['activities', 'feeds', 'notifications', 'posts', 'profiles', 'reactions'].map(
        (projection) => `projector process RECORDED ${projection}`,
      ),
      'recorder process ACTIVITY recorder',
    ]);
  // Semantic conventions for messaging: a consumer links to the context in which the message was created.
  const consumers = ours.filter(({ name }) => /^process (ACTIVITY|RECORDED)$/.test(name));
  expect(consumers).toHaveLength(messages().length - 1);
  expect(new Set(consumers.map(({ attributes }) => attributes['messaging.message.id'])).size).toBe(1);
  for (const { links, attributes } of consumers) {
    expect(links.map((link) => [link.traceId, link.spanId])).toEqual([[traceId, answer?.spanId]]);
    expect(attributes['messaging.message.id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(Number(attributes['messaging.batch.message_count'])).toBeGreaterThan(0);
  }
  const ids = new Set([parent, ...ours.map(({ spanId }) => spanId)]);
  expect(ours.filter(({ parentSpanId }) => parentSpanId === undefined || !ids.has(parentSpanId))).toEqual([]);
  // Nothing else was traced, and nothing tells what the client sent.
  expect(receiver.spans.filter((span) => span.traceId !== traceId)).toEqual([]);
  expect(JSON.stringify(receiver.spans)).not.toContain(body);
  expect(JSON.stringify(receiver.spans)).not.toContain(author.token);
});

it('a query is a step of the gateway, one of each fetch, one of the subgraph, and one of each call of a database', async () => {
  if (!author) throw new Error('nobody signed up');
  const traceId = randomBytes(16).toString('hex');
  const client = new Client(system.gatewayUrl, author.token);
  await client.ask(read, { id: author.id }, { traceparent: `00-${traceId}-${'1'.repeat(16)}-01` });
  await expect.poll(() => receiver.spans.filter((span) => span.traceId === traceId).length).toBe(4);
  const [graphql] = receiver.spans.filter((span) => span.traceId === traceId && span.name === 'query');
  expect(graphql).toMatchObject({
    parentSpanId: '1'.repeat(16),
    attributes: { 'graphql.operation.name': 'Read', 'graphql.operation.type': 'query' },
  });
  const spans = receiver.spans.filter((span) => span.traceId === traceId);
  expect(spans.find(({ name }) => name === 'POST')?.attributes).toMatchObject({
    'http.request.method': 'POST',
    'http.response.status_code': 200,
    'server.address': '127.0.0.1',
    'rookery.subgraph': 'query',
  });
  expect(spans.find(({ name }) => name === 'POST /graphql')?.attributes).toMatchObject({
    'http.request.method': 'POST',
    'http.route': '/graphql',
    'http.response.status_code': 200,
  });
  const server = spans.find(({ name }) => name === 'POST /graphql');
  expect(spans.find(({ name }) => name === 'SELECT users')).toMatchObject({
    parentSpanId: server?.spanId,
    attributes: {
      'db.system.name': 'postgresql',
      'db.operation.name': 'SELECT',
      'db.collection.name': 'users',
    },
  });
});

it('the time from an accepted post to the feed and to a live reader is counted, and not of what a resumed stream catches up on', async () => {
  if (!author || !reader) throw new Error('nobody signed up');
  const [writing, reading] = [author, reader].map(({ token }) => new Client(system.gatewayUrl, token));
  if (!writing || !reading) throw new Error('no clients');
  const timed = async () => ({
    applied: await readMetric(system.metricsUrls.projector, 'rookery_projector_event_age_seconds_count', {
      projection: 'feeds',
    }),
    live: (await readMetric(system.metricsUrls.query, 'rookery_query_live_delivery_seconds_count')) ?? 0,
    tooLate:
      (await readMetric(system.metricsUrls.query, 'rookery_query_live_delivery_seconds_bucket', {
        le: '60',
      })) ?? 0,
  });
  const stream =
    'subscription ($after: String) { friendsFeed(after: $after) { cursor node { post { body } } } }';
  type Told = {
    readonly friendsFeed: {
      readonly cursor: string;
      readonly node: { readonly post: { readonly body: string } };
    };
  };
  let published = 0;
  const write = async (body: string) => {
    await writing.ask(publish, { body });
    published++;
  };
  const atFirst = (await timed()).applied ?? 0;
  await write('the last one that the reader saw');
  const cursor = await (async () => {
    await using live = reading.live<Told>(stream);
    const first = live.next(60_000);
    let told = false;
    void first.then(() => {
      told = true;
    });
    await expect
      .poll(() => write('again').then(() => told), {
        timeout: 60_000,
        interval: 500,
      })
      .toBe(true);
    return (await first).friendsFeed.cursor;
  })();
  await write('missed');
  // Nothing is on its way any more.
  await expect.poll(async () => (await timed()).applied).toBe(atFirst + published);
  const before = await timed();
  await using live = reading.live<Told>(stream, { after: cursor });
  while ((await live.next(20_000)).friendsFeed.node.post.body !== 'missed');
  expect((await timed()).live).toBe(before.live);
  await write('new');
  while ((await live.next(20_000)).friendsFeed.node.post.body !== 'new');
  const after = await timed();
  expect(after.live).toBe(before.live + 1);
  expect(after.tooLate).toBe(after.live);
});
