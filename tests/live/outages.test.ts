import { readMetric } from '@rookery/runtime';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { Client } from '../support/clients/client.ts';
import { type Account, type System, startSystem } from '../support/index.ts';

let system: System;
let author: Account;
let reader: Account;
beforeAll(async () => {
  system = await startSystem();
  [author, reader] = [await system.signUp(), await system.signUp()];
  const { activity } = await follow();
  await new Client(system.gatewayUrl, reader.token).ask(
    '{ friendsFeed { edges { cursor } } }',
    {},
    {
      'x-read-after': activity.id,
    },
  );
});
afterAll(() => system[Symbol.asyncDispose]());

const follow = () =>
  new Client(system.gatewayUrl, reader.token).act('followUser', 'UserInput', { userId: author.id });

interface Edge {
  readonly friendsFeed: {
    readonly cursor: string;
    readonly node: { readonly post: { readonly body: string } };
  };
}

/** Posts continuously until stopped; each body once, retried with its key after an error. */
const posting = (prefix: string) => {
  const state = { over: false };
  const bodies: string[] = [];
  const done = (async () => {
    const writer = new Client(system.gatewayUrl, author.token);
    for (let n = 0; !state.over; n++) {
      const body = `${prefix} ${n}`;
      for (;;) {
        const answer = await writer
          .send('mutation ($input: PublishPostInput!) { publishPost(input: $input) { post { id } } }', {
            input: { body, idempotencyKey: body },
          })
          .catch(() => undefined);
        if (answer?.data && !answer.errors) break;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      bodies.push(body);
    }
  })();
  return {
    bodies,
    stop: () => {
      state.over = true;
      return done;
    },
  };
};

/** A client that comes back with its cursor whenever its subscription has ended, as the docs ask. */
const following = (query: string, from?: string) => {
  const client = createClient({
    url: system.webSocketUrl,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${reader.token}` },
    retryAttempts: 0,
  });
  const state = { over: false, ended: 0, cursor: from };
  const got: string[] = [];
  const done = (async () => {
    while (!state.over) {
      try {
        const variables = state.cursor === undefined ? {} : { after: state.cursor };
        for await (const { data, errors } of client.iterate<Edge>({ query, variables })) {
          if (!data || errors) throw errors;
          state.cursor = data.friendsFeed.cursor;
          got.push(data.friendsFeed.node.post.body);
        }
      } catch {
        if (!state.over) state.ended++;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  })();
  return {
    got,
    ended: () => state.ended,
    stop: async () => {
      state.over = true;
      await client.dispose();
      await done;
    },
  };
};

const query =
  'subscription ($after: String) { friendsFeed(after: $after) { cursor node { post { body author { handle } } } } }';
const live = (field: 'friendsFeed' | 'post' = 'friendsFeed') =>
  expect.poll(
    async () =>
      (await readMetric(system.metricsUrls.query, 'rookery_query_live_subscriptions', { field })) ?? 0,
  );

const outage = async (
  name: string,
  hurt: (posted: readonly string[]) => Promise<void>,
  { reconnects }: { reconnects: boolean },
) => {
  const page = following(query);
  await live().toBeGreaterThan(0);
  const writer = posting(name);
  await expect.poll(() => page.got.length).toBeGreaterThan(5);
  await hurt(writer.bodies);
  const before = page.got.length;
  await expect.poll(() => page.got.length).toBeGreaterThan(before + 5);
  await writer.stop();
  await expect.poll(() => page.got.at(-1)).toBe(writer.bodies.at(-1));
  const ended = page.ended();
  await page.stop();
  // Or it would be taken for the next test's own.
  await live().toBe(0);
  expect(page.got).toEqual(writer.bodies);
  if (reconnects) expect(ended).toBeGreaterThan(0);
  else expect(ended).toBe(0);
};

describe('a live friends feed under load loses nothing and repeats nothing', () => {
  test('when the query subgraph is killed: the client does not even notice', () =>
    outage('query', () => system.restart('query'), { reconnects: false }));

  test('when the query subgraph is stopped in good order and comes back', () =>
    outage(
      'stopped',
      async () => {
        await system.kill('query', 'SIGTERM');
        await system.start('query');
      },
      { reconnects: false },
    ));

  test('when Redis is killed and comes back empty', () =>
    outage(
      'redis',
      async (bodies) => {
        await system.servers.redis.kill();
        const before = bodies.length;
        await expect.poll(() => bodies.length).toBeGreaterThan(before + 5);
        await system.servers.redis.restart();
      },
      { reconnects: false },
    ));

  test('when the gateway is killed: the client comes back with its cursor', () =>
    outage('gateway', () => system.restart('gateway'), { reconnects: true }));

  test('when the gateway is stopped in good order', () =>
    outage(
      'drained',
      async () => {
        await system.kill('gateway', 'SIGTERM');
        await system.start('gateway');
      },
      { reconnects: true },
    ));
});

describe('a live post', () => {
  const edit = async (postId: string, body: string) => {
    await new Client(system.gatewayUrl, author.token).ask(
      'mutation ($input: EditPostInput!) { editPost(input: $input) { activity { id } } }',
      { input: { postId, body } },
    );
  };

  test.each(['SIGKILL', 'SIGTERM'] as const)(
    'delivers the current state after an outage of the query subgraph (%s), unnoticed by the client',
    async (signal) => {
      const { publishPost } = await new Client(system.gatewayUrl, author.token).ask<{
        publishPost: { post: { id: string }; activity: { id: string } };
      }>('mutation { publishPost(input: { body: "at first" }) { post { id } activity { id } } }');
      const { id } = publishPost.post;
      const client = createClient({
        url: system.webSocketUrl,
        webSocketImpl: WebSocket,
        connectionParams: { authorization: `Bearer ${reader.token}` },
        retryAttempts: 0,
      });
      const events = client.iterate<{ post: { body: string } }>({
        query: 'subscription ($id: ID!) { post(id: $id) { body } }',
        variables: { id },
        extensions: { 'x-read-after': publishPost.activity.id },
      });
      const got: unknown[] = [];
      const reading = (async () => {
        for await (const { data, errors } of events) got.push(errors ?? data?.post.body);
      })();
      const becomes = (body: string) => expect.poll(() => got.at(-1)).toBe(body);
      await live('post').toBe(1);
      await edit(id, 'before');
      await becomes('before');

      await system.kill('query', signal);
      for (const body of ['missed', 'missed too', 'what it has become']) await edit(id, body);
      await system.start('query');
      await becomes('what it has become');
      await edit(id, 'afterwards');
      await becomes('afterwards');
      expect(got.filter((body) => body === 'what it has become')).toHaveLength(1);
      for (const body of got) expect(body).toEqual(expect.any(String));
      await client.dispose();
      await reading.catch(() => {});
      await live('post').toBe(0);
    },
  );
});
