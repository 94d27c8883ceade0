import { openDocuments } from '@rookery/document-store';
import type { System } from '@rookery/tests/support';
import { type CpuTimes, cpuFigures } from '../cpu.ts';
import { GatewayClient } from '../gateway-client.ts';
import { type Latencies, repeat, until } from '../measure.ts';
import { projectedPosition } from '../projected-position.ts';
import { body, publishPost } from '../publish-post.ts';
import { quiet } from '../quiet-log.ts';
import { type Authors, readFeed } from './authors.ts';

/** Result of publishing a number of posts. */
interface PostRate {
  /** Answers to the clients. */
  readonly answers: Latencies;
  /** Posts per second from the first request until every projection had applied the last post. */
  readonly projectedPerSecond: number;
  /** CPU time per post. */
  readonly cpu: ReturnType<typeof cpuFigures>;
}

interface PostRateOptions {
  readonly clients: number;
  readonly posts: number;
  readonly readCpu: () => CpuTimes;
}

/** Longest time that the projections may need after the last answer. */
const drainTimeoutMs = 300_000;

/** Publishes posts by several clients in a closed loop, and waits until all are projected to the followers. */
export const measurePostRate = async (
  system: System,
  { authors, followers }: Authors,
  { clients: lanes, posts, readCpu }: PostRateOptions,
): Promise<PostRate> => {
  await using resources = new AsyncDisposableStack();
  const clients = authors.map(({ token }) => resources.use(new GatewayClient(system.gatewayUrl, token)));
  const documents = await openDocuments(system.documentsUrl, { log: quiet });
  resources.defer(() => documents.close());
  const reached = () => projectedPosition(documents);
  const published = new Set<string>();
  const post = async (index: number): Promise<void> => {
    const answer = await clients[index % clients.length]?.ask<{ publishPost: { activity: { id: string } } }>(
      publishPost,
      { input: { body } },
    );
    if (answer) published.add(answer.publishPost.activity.id);
  };

  const before = await reached();
  const cpuBefore = readCpu();
  const start = performance.now();
  const answers = await repeat(posts, lanes, post);
  await until('all posts are projected', drainTimeoutMs, async () => (await reached()) >= before + posts);
  const seconds = (performance.now() - start) / 1_000;
  const cpu = cpuFigures('post', posts, cpuBefore, readCpu());
  for (const { token } of followers) {
    const follower = resources.use(new GatewayClient(system.gatewayUrl, token));
    const page = await readFeed(follower);
    const strange = page.find((id) => !published.has(id));
    if (page.length === 0 || strange !== undefined)
      throw new Error('a follower does not see the newest posts');
  }
  return { answers, projectedPerSecond: posts / seconds, cpu };
};
