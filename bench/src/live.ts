import type { System } from '@rookery/tests/support';
import { createClient } from 'graphql-ws';
import { Redis } from 'ioredis';
import WebSocket from 'ws';
import { GatewayClient } from './gateway-client.ts';
import { latencies, until } from './measure.ts';
import type { Result } from './result.ts';

interface LiveEdge {
  readonly data?: { readonly friendsFeed: { readonly node: { readonly post: { readonly id: string } } } };
}

const rounds = 300;

/**
 * Measures the time from sending a post to its arrival on the open page of a friend, one post at a time,
 * against a bare Redis hint.
 */
export const live = async (system: System, say: (line: string) => void): Promise<Result> => {
  const [author, reader] = [await system.signUp(), await system.signUp()];
  await using writing = new GatewayClient(system.gatewayUrl, author.token);
  await using reading = new GatewayClient(system.gatewayUrl, reader.token);
  const post = () =>
    writing.ask<{ publishPost: { post: { id: string } } }>(
      'mutation { publishPost(input: { body: "now" }) { post { id } } }',
    );
  await reading.ask(
    'mutation ($input: UserInput!) { followUser(input: $input) { user { followerCount } } }',
    {
      input: { userId: author.id },
    },
  );
  await post();
  let cursor: string | null = null;
  await until('the first post is on the page', 10_000, async () => {
    const answer = await reading.ask<{ friendsFeed: { pageInfo: { endCursor: string | null } } }>(
      '{ friendsFeed { pageInfo { endCursor } } }',
    );
    cursor = answer.friendsFeed.pageInfo.endCursor;
    return cursor !== null;
  });
  const socket = createClient({
    url: system.webSocketUrl,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${reader.token}` },
  });
  const events = socket.iterate({
    query:
      'subscription ($after: String) { friendsFeed(after: $after) { node { post { id body author { handle } } } } }',
    variables: { after: cursor },
  }) as AsyncIterableIterator<LiveEdge>;
  const [fromSend, fromAnswer]: [number[], number[]] = [[], []];
  say(`${rounds} posts, one at a time`);
  const start = performance.now();
  try {
    for (let round = -20; round < rounds; round++) {
      const next = events.next();
      const sent = performance.now();
      const answered = post().then(({ publishPost }) => ({ id: publishPost.post.id, at: performance.now() }));
      const { value } = await next;
      const arrived = performance.now();
      const answer = await answered;
      if (value?.data?.friendsFeed.node.post.id !== answer.id) throw new Error('another post arrived');
      if (round < 0) continue; // warming up
      fromSend.push(arrived - sent);
      fromAnswer.push(arrived - answer.at);
    }
  } finally {
    await events.return?.();
    await socket.dispose();
  }
  const seconds = (performance.now() - start) / 1_000;
  const [delivery, behind] = [latencies(fromSend, seconds), latencies(fromAnswer, seconds)];
  const hint = await bareHint(system.servers.redis.url);
  return {
    name: 'live: from sending a post to its arrival on an open page',
    figures: {
      'from sending, p50 ms': delivery.p50,
      'from sending, p99 ms': delivery.p99,
      'after the answer to the author, p50 ms': behind.p50,
      'after the answer to the author, p99 ms': behind.p99,
      'a bare Redis hint, p50 ms': hint,
      'ratio of p50': delivery.p50 / hint,
    },
    reading:
      'a multiple of the floor, lower is better; below 0 after the answer: the page had it before the author',
  };
};

const bareHint = async (url: string): Promise<number> => {
  const [publisher, subscriber] = [new Redis(url), new Redis(url)];
  try {
    await subscriber.subscribe('bench');
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const { promise, resolve } = Promise.withResolvers<void>();
      subscriber.once('message', () => resolve());
      const sent = performance.now();
      await publisher.publish('bench', '{}');
      await promise;
      times.push(performance.now() - sent);
    }
    return latencies(times, 1).p50;
  } finally {
    publisher.disconnect();
    subscriber.disconnect();
  }
};
