import type { System } from '@rookery/tests/support';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { GatewayClient } from './gateway-client.ts';
import { type Latencies, latencies, until } from './measure.ts';
import { openStepClock, type Step, stepNames } from './writes/steps.ts';

interface LiveEdge {
  readonly data?: { readonly friendsFeed: { readonly node: { readonly post: { readonly id: string } } } };
}

/** Latencies of live delivery, in milliseconds. */
interface Delivery {
  /** From sending the post to its arrival on the page of a follower. */
  readonly fromSend: Latencies;
  /** From the answer to the author; negative if the follower was first. */
  readonly fromAnswer: Latencies;
  /** Median time of each step since the post was sent, in the order of the steps; those that were never seen are missing. */
  readonly steps: Readonly<Record<string, number>>;
}

const warmUp = 20;

/** Publishes posts one at a time, and measures when each arrives on the open page of a follower. */
export const measureDelivery = async (system: System, rounds: number): Promise<Delivery> => {
  const [author, reader] = [await system.signUp(), await system.signUp()];
  await using writing = new GatewayClient(system.gatewayUrl, author.token);
  await using reading = new GatewayClient(system.gatewayUrl, reader.token);
  const post = () =>
    writing.ask<{ publishPost: { post: { id: string } } }>(
      'mutation { publishPost(input: { body: "now" }) { post { id } } }',
    );
  await reading.ask(
    'mutation ($input: UserInput!) { followUser(input: $input) { user { followerCount } } }',
    { input: { userId: author.id } },
  );
  await post();
  let cursor: string | null = null;
  await until('the first post is on the page', 30_000, async () => {
    // An empty page has a cursor too.
    const { friendsFeed } = await reading.ask<{
      friendsFeed: { edges: readonly object[]; pageInfo: { endCursor: string | null } };
    }>('{ friendsFeed { edges { cursor } pageInfo { endCursor } } }');
    cursor = friendsFeed.pageInfo.endCursor;
    return friendsFeed.edges.length > 0;
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
  const rounded: ReadonlyMap<Step, number>[] = [];
  await using clock = await openStepClock(system, reader.id);
  const start = performance.now();
  try {
    for (let round = -warmUp; round < rounds; round++) {
      const next = events.next();
      const steps = clock.begin();
      const sent = performance.now();
      const answered = post().then(({ publishPost }) => {
        clock.note('answered');
        return { id: publishPost.post.id, at: performance.now() };
      });
      const { value } = await next;
      clock.note('arrived on the page');
      const arrived = performance.now();
      const answer = await answered;
      if (value?.data?.friendsFeed.node.post.id !== answer.id)
        throw new Error(`not the post ${answer.id} arrived, but ${JSON.stringify(value)}`);
      if (round < 0) continue;
      fromSend.push(arrived - sent);
      fromAnswer.push(arrived - answer.at);
      rounded.push(steps);
    }
  } finally {
    await events.return?.();
    await socket.dispose();
  }
  const seconds = (performance.now() - start) / 1_000;
  return {
    fromSend: latencies(fromSend, seconds),
    fromAnswer: latencies(fromAnswer, seconds),
    steps: mediansOf(rounded, seconds),
  };
};

const mediansOf = (
  rounds: readonly ReadonlyMap<Step, number>[],
  seconds: number,
): Readonly<Record<string, number>> =>
  Object.fromEntries(
    stepNames.flatMap((step) => {
      const times = rounds.flatMap((steps) => steps.get(step) ?? []);
      return times.length === 0 ? [] : [[step, latencies(times, seconds).p50] as const];
    }),
  );
