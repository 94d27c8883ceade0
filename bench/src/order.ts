import { openDocuments } from '@rookery/document-store';
import { openEventStore } from '@rookery/event-store';
import type { SubgraphContext } from '@rookery/graphql-server/subgraph';
import { openQueue, type Queue } from '@rookery/message-queue';
import {
  createClock,
  createExecute,
  createLookup,
  type Execute,
  type ExecuteParts,
  likePost,
} from '@rookery/mutation/command-parts';
import { createLog, newId } from '@rookery/runtime';
import type { System } from '@rookery/tests/support';
import { GatewayClient } from './gateway-client.ts';
import { alternate, repeat, until } from './measure.ts';
import type { Result } from './result.ts';

const log = createLog('bench', 'silent');

/** The same queue, on which commands of one actor have no order but that of the clocks. */
const withoutMarks = (queue: Queue): ExecuteParts['queue'] => ({
  publish: (event) => queue.publish(event),
  claim: (event) => queue.claim(event),
  claimed: (id) => queue.claimed(id),
  highWaterMark: async () => 0,
  raiseHighWaterMark: async () => {},
});

const contextOf = (viewer: string): SubgraphContext =>
  ({
    viewer,
    session: null,
    requestId: newId(),
    traceparent: undefined,
    readAfter: [],
    extensions: {},
    log,
  }) as unknown as SubgraphContext;

/** A like with the high-water marks of the stream ORDER (docs/adr/order-of-writes.md) against one without. */
export const order = async (system: System, say: (line: string) => void): Promise<Result> => {
  const author = await system.signUp();
  await using client = new GatewayClient(system.gatewayUrl, author.token);
  const { publishPost } = await client.ask<{ publishPost: { activity: { id: string } } }>(
    'mutation { publishPost(input: { body: "liked by all" }) { activity { id } } }',
    {},
  );
  const postId = publishPost.activity.id;
  await until('the post shows', 30_000, async () => {
    const { post } = await client.ask<{ post: object | null }>(
      'query ($id: ID!) { post(id: $id) { body } }',
      { id: postId },
    );
    return post !== null;
  });

  await using resources = new AsyncDisposableStack();
  const queue = openQueue({
    url: system.servers.nats.url,
    replicas: 1,
    maxBytes: 1_073_741_824,
    ackTimeoutMs: 1_500,
    log,
  });
  resources.defer(() => queue.close());
  await queue.prepare();
  const documents = await openDocuments(system.servers.database.url, { log });
  resources.defer(() => documents.close());
  const events = openEventStore(system.servers.database.url, { log });
  resources.defer(() => events.close());
  const parts = {
    lookup: createLookup(documents, queue, events, { read: () => undefined }, log, { timeoutMs: 250 }),
    clock: createClock(),
    sessions: { suspend: async () => undefined, unsuspend: async () => undefined },
    metrics: { count: <T>(_: string, run: () => T) => run(), timePublish: <T>(run: () => T) => run() },
  };
  const [ordered, bare] = [
    createExecute({ ...parts, queue }),
    createExecute({ ...parts, queue: withoutMarks(queue) }),
  ];
  const actors = Array.from({ length: 200 }, newId);
  const like = (execute: Execute) => (index: number) =>
    execute(likePost, { postId }, contextOf(actors[index % actors.length] ?? ''));
  say('warming up');
  await repeat(300, 8, like(ordered));
  await repeat(300, 8, like(bare));
  say('one at a time');
  const [one, bareOne] = await alternate(
    7,
    () => repeat(200, 1, like(ordered)),
    () => repeat(200, 1, like(bare)),
  );
  say('16 in flight');
  const [many, bareMany] = await alternate(
    7,
    () => repeat(500, 16, like(ordered)),
    () => repeat(500, 16, like(bare)),
  );
  return {
    name: 'order: a like with the high-water mark of its actor against one without',
    figures: {
      'with the mark, 1 in flight, p50 ms': one.p50,
      'without, 1 in flight, p50 ms': bareOne.p50,
      'ratio of p50, 1 in flight': one.p50 / bareOne.p50,
      'with the mark, 16 in flight, p50 ms': many.p50,
      'without, 16 in flight, p50 ms': bareMany.p50,
      'ratio of p50, 16 in flight': many.p50 / bareMany.p50,
    },
    reading: 'p50 of the answer of the executor, lookups and acknowledgement included; lower is better',
  };
};
